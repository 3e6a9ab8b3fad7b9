#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/cluster.hpp"
#include "core/definition.hpp"
#include "core/retry.hpp"
#include "core/run_status.hpp"
#include "simulation/timeline.hpp"

namespace flotilla::simulation {

/// Everything that is chance in a history, drawn from its seed before it begins. Times are counted from the
/// beginning. What may be left out of a history when a shorter one is looked for stands in lists.

/// What becomes of one attempt at its engine.
struct Life {
    enum class Fate {
        exits,          ///< with `exit_code`
        out_of_memory,  ///< killed by its limit
        hangs,          ///< until it is stopped
        host_lost,      ///< its host goes away while it runs; the engine says so
        vanishes,       ///< while it runs, and the engine does not know it any more
        fails,          ///< does not start, `start_failure` says why
        never_starts,   ///< waits for ever, as for an image that is not sent
    };
    /// What its engine says to the first submissions.
    enum class Deferral {
        all,         ///< it takes nothing now
        size,        ///< it has no room for what needs as much
        alone,       ///< it cannot start this one now
        definition,  ///< nor others of its definition
    };
    int try_later = 0;  ///< so many submissions are answered so
    Deferral deferral = Deferral::all;
    std::optional<ExitClass> refused = {};  ///< by the engine, at once
    Fate fate = Fate::exits;
    Duration start_after{0};
    Duration run_for = std::chrono::seconds{1};
    int exit_code = 0;
    ExitClass start_failure = ExitClass::start_failed;
    bool ignores_sigterm = false;
    Duration ends_after_sigterm{0};
    int sigterm_exit_code = 143;

    [[nodiscard]] bool needs_stop() const { return fate == Fate::hangs || fate == Fate::never_starts; }
    bool operator==(const Life&) const = default;
};

/// A wish of a client.
struct Call {
    enum class Kind { execute, stop, report, edit, remove };
    int number = 0;  ///< from 1; runs are named after the call that made them
    Kind kind = Kind::execute;
    Duration at{0};
    int target = 0;  ///< of `stop` and `report`: the number of the call that made the run
    // execute, edit, remove
    int definition = 0;
    // execute
    std::string owner = {};
    std::string cluster = {};
    std::optional<std::int64_t> memory = {};
    RunLimits limits = {};
    bool has_key = false;            ///< an idempotence key: it is sent again until it is answered
    int repeats = 0;                 ///< with a key: so often it is sent besides, at the same time
    std::array<Life, 5> lives = {};  ///< of its attempts
    // report
    RunStatus status = RunStatus::running;
    std::optional<int> exit_code = {};
};

/// Where something can go wrong.
enum class Place { read, write, submit, stop, inspect, list, forget, wait_for_news, news, nowhere };

/// Something that goes wrong, once.
struct Hazard {
    enum class Effect {
        fail_before,   ///< the call fails and did nothing
        fail_after,    ///< the call did what it should, but its answer is lost
        crash_before,  ///< kill -9 before the call did anything
        crash_after,   ///< kill -9 after it did what it should
        slow_before,   ///< the call takes `duration` before it does anything
        slow_after,    ///< its answer takes `duration`
        run_twice,     ///< the work of a write is rolled back and done again
        outage,        ///< every such call fails for `duration`
        lose,          ///< news is lost
        repeat,        ///< news comes again after `duration`
        delay,         ///< news comes after `duration`
        crash,         ///< kill -9 while nothing is called
        restart,       ///< SIGTERM, and a new server once this one has ended
    };
    Duration from{0};  ///< not before this
    Place place = Place::write;
    std::optional<Role> role;  ///< only calls of such an actor
    int skip = 0;              ///< so many calls are let through first
    Effect effect = Effect::fail_before;
    Duration duration{0};  ///< of a crash or restart: until the next server is there
};

/// How the server is configured.
struct Settings {
    std::vector<Cluster> clusters;
    std::vector<DefinitionFields> definitions;
    RetryRules retry;
    Duration submit_sweep{};
    Duration status_sweep{};
    Duration retry_sweep{};
    std::chrono::seconds grace{};
    std::chrono::seconds longest_pass{};
    bool news_outlives_server = false;   ///< as a message queue's; else what was not fetched is lost
    bool engine_retells = true;          ///< a new server's engine tells again what it finds
    bool every_call_takes_time = false;  ///< some milliseconds, so that actors get between each other
};

struct Plan {
    std::uint64_t seed = 0;
    Settings settings;
    Duration calm_at{};  ///< from here on nothing goes wrong, and what hangs is stopped
    std::vector<Call> calls;
    std::vector<Hazard> hazards;
};

/// Whether nothing goes wrong, though the engine may take its time to take a run: then nobody has to wait for
/// a sweep.
[[nodiscard]] bool is_tranquil(const Plan& plan);

/// The call that made the run of that id; nullptr if none could.
[[nodiscard]] const Call* call_of(const Plan& plan, const std::string& run);

[[nodiscard]] Plan make_plan(std::uint64_t seed);

[[nodiscard]] std::string_view to_string(Place place);
/// In words.
[[nodiscard]] std::string describe(const Life& life);
[[nodiscard]] std::string describe(const Hazard& hazard);
/// What an execute call says besides: its limits and its key.
[[nodiscard]] std::string describe(const Call& call);

}  // namespace flotilla::simulation

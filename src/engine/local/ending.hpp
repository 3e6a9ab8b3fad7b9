#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/lifecycle.hpp"
#include "engine/local/cgroups.hpp"
#include "engine/local/launcher/records.hpp"

namespace flotilla {

/// What is left of an attempt of which nothing is alive.
struct Remains {
    std::optional<launcher::ExitRecord> exit;
    bool was_started = false;
    std::string over_disk;        ///< it was killed since it wrote too much: a sentence
    bool was_killed = false;      ///< its grace period was over
    bool host_restarted = false;  ///< the host was booted since it was submitted
    std::int64_t memory = 0;      ///< its limit in MiB
    MemoryUse memory_use{};
    std::optional<TimePoint> started_at;
    std::optional<std::int64_t> max_cpu;  ///< 1/1000 of a core, as it was seen while it ran
    std::string last_log_line;            ///< for a job that failed
    TimePoint found_at;                   ///< its end, where no record tells
};

/// Says how an attempt ended, with one sentence for people.
[[nodiscard]] Ended how_it_ended(const Remains& remains);

/// What it used.
[[nodiscard]] ResourceUse what_it_used(const Remains& remains);

}  // namespace flotilla

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/fence.hpp"
#include "base/guarded.hpp"
#include "base/wake.hpp"
#include "engine/docker/attempt_folder.hpp"
#include "engine/docker/container_body.hpp"
#include "engine/docker/daemon.hpp"
#include "engine/docker/places.hpp"
#include "engine/engine.hpp"
#include "engine/gpu_grants.hpp"
#include "engine/news_box.hpp"
#include "engine/pull_metrics.hpp"
#include "engine/secrets.hpp"
#include "logs/finished_logs.hpp"

namespace flotilla {

struct DockerEngineOptions {
    ContainerSettings container;
    std::filesystem::path data_dir;
    std::filesystem::path auth_file;                  ///< docker's config.json; may not exist
    std::int64_t log_limit = std::int64_t{10} << 30;  ///< bytes of a run's log that are kept
    Instance instance;                                ///< the daemon's host
    std::chrono::milliseconds sweep{30'000};          ///< how often all containers are looked at
};

/// What a Docker engine works with.
struct DockerEngineParts {
    HttpClient& http;
    Clock& clock;
    std::vector<std::reference_wrapper<SecretValues>> secrets = {};  ///< each adds variables to a container
    PullMetrics* pulls = nullptr;                                    ///< null: pulls are not counted
    GpuGrants* gpus = nullptr;              ///< of the daemon's host; null: it has none
    const Fence* fence = nullptr;           ///< when it is closed nothing is started; null: never
    FinishedLogs* finished_logs = nullptr;  ///< who wants to know of them; null: nobody
};

/// Containers of a Docker daemon. An attempt's handle is `docker:<run_id>.<attempt>`, its container is named
/// `flotilla-<run_id>.<attempt>`. A thread carries each attempt from its image to its end (carry.cpp): it
/// follows the log into the file that logs/file reads, and the log's end is the news that the container has
/// ended. The daemon is the truth about containers, AttemptFolder about what was asked of it; this object
/// remembers what they said, so that a daemon that hangs holds nobody up.
class DockerEngine final : public Engine {
public:
    /// Goes on with what an engine before it left, and tells it as news. Throws std::system_error if the data
    /// folder cannot be used.
    DockerEngine(DockerEngineOptions options, DaemonAddress address, const DockerEngineParts& parts);
    ~DockerEngine() override;

    SubmitOutcome submit(const Task& task) override;
    void stop(const AttemptName& name, std::chrono::seconds grace) override;
    [[nodiscard]] std::optional<Observation> inspect(const AttemptName& name) override;
    [[nodiscard]] std::vector<EngineNews> wait_for_news(std::stop_token stop,
                                                        std::chrono::milliseconds timeout) override;
    void forget(const AttemptName& name) override;
    [[nodiscard]] std::vector<AttemptName> list() override;
    [[nodiscard]] std::optional<std::string> trouble() override;

private:
    struct Attempt {
        explicit Attempt(SubmittedTask given) : submitted(std::move(given)) {}
        SubmittedTask submitted;
        std::string waiting_for = "the Docker daemon";
        std::optional<Started> started = {};
        std::optional<Ended> ended = {};
        std::optional<std::chrono::seconds> stop_grace = {};  ///< set once a stop is wanted
        std::optional<std::chrono::steady_clock::time_point> kill_at = {};
        Wake wake = {};                                        ///< its thread is to go on with it
        std::stop_source give_up = {};                         ///< of what it waits for before its start
        std::stop_source follow_no_more = {};                  ///< of the stream of its log
        std::atomic<std::int64_t> followed = 0;                ///< bytes that the stream has given
        std::optional<std::int64_t> followed_when_ended = {};  ///< as the last look around found
        bool was_found = false;     ///< left by an engine before: nobody watched its daemon meanwhile
        bool is_just_made = false;  ///< its container, by its own thread: nobody can have started it
        /// A stream that begins while its job begins to write has been seen to stay silent until the job
        /// writes again (Docker 20.10), so the first does not last.
        std::chrono::milliseconds first_look{1'000};
        std::jthread thread = {};  ///< last: it uses all of the above
    };
    using Attempts = std::map<AttemptName, std::unique_ptr<Attempt>>;

    // carry.cpp: from the image to the end
    void begin(SubmittedTask submitted, bool was_found);
    void carry(Attempt& attempt, const std::stop_token& stop);
    /// One go at it: how it ended, or nothing if it has to be looked at again.
    [[nodiscard]] std::optional<Ended> attend(Attempt& attempt);
    [[nodiscard]] std::optional<Ended> follow(Attempt& attempt, ContainerState state);
    void read_log(const Attempt& attempt, const ContainerState& state);
    [[nodiscard]] Ended end_of(const Attempt& attempt, const ContainerState& state);
    [[nodiscard]] bool may_the_daemon_have_ended_it(const Attempt& attempt, const ContainerState& state);
    [[nodiscard]] Ended lost(const AttemptFolder& folder, const std::string& reason);
    void note_started(Attempt& attempt, const ContainerState& state);
    void note_ended(Attempt& attempt, Ended ended);
    void note_waiting(Attempt& attempt, const std::string& waiting_for);

    // launch.cpp: up to its start. These give an end if it cannot be started.
    [[nodiscard]] std::optional<Ended> create(Attempt& attempt);
    [[nodiscard]] std::optional<Ended> start(Attempt& attempt);
    [[nodiscard]] std::variant<std::string, Ended> have_image(Attempt& attempt);
    [[nodiscard]] std::optional<std::string> find_image(const Task& task, const ImageReference& name);
    /// Takes an image that a run before had to be there still: that it is gone is told when a container is
    /// made.
    [[nodiscard]] std::optional<std::string> image_had_before(const ImageReference& name);
    void remember_image(const ImageReference& name, const std::string& id);
    void forget_image(const std::string& id);
    [[nodiscard]] std::optional<PullFailure> pull(Attempt& attempt, const ImageReference& image);
    [[nodiscard]] Ended end_without_start(const Task& task, ExitClass exit_class, const std::string& reason);
    [[nodiscard]] bool is_stop_wanted(const Attempt& attempt);

    // stopping.cpp
    void ask_to_end(const AttemptName& name);
    void kill_overdue(const std::stop_token& stop);
    void remove_forgotten(const std::stop_token& stop);
    void look_around(const std::stop_token& stop);
    void end_streams_of_the_ended();

    [[nodiscard]] AttemptFolder folder_of(const AttemptName& name) const { return {folder_, name}; }

    DockerEngineOptions options_;
    DockerEngineParts parts_;
    Daemon daemon_;
    std::filesystem::path folder_;
    std::string boot_id_;
    Places starts_;
    Places pulls_;
    Guarded<std::map<std::string, std::string>> images_;  ///< ids of those pinned by a digest, by their names
    NewsBox news_;
    Wake kill_wake_;
    Wake forgotten_wake_;
    Wake look_wake_;
    Guarded<std::deque<std::unique_ptr<Attempt>>> forgotten_;
    Guarded<Attempts> attempts_;         ///< their threads use all of the above
    std::vector<std::jthread> threads_;  ///< last: these use the attempts, too
};

}  // namespace flotilla

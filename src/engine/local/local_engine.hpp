#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/fence.hpp"
#include "base/guarded.hpp"
#include "base/wake.hpp"
#include "engine/engine.hpp"
#include "engine/gpu_grants.hpp"
#include "engine/local/cgroups.hpp"
#include "engine/local/cpu_use.hpp"
#include "engine/local/disk_use.hpp"
#include "engine/local/gpus.hpp"
#include "engine/local/launch_plan.hpp"
#include "engine/local/launcher.hpp"
#include "engine/local/network/run_networks.hpp"
#include "engine/local/process_watch.hpp"
#include "engine/local/pull_queue.hpp"
#include "engine/local/run_folders.hpp"
#include "engine/news_box.hpp"
#include "engine/pull_metrics.hpp"
#include "engine/secrets.hpp"
#include "image/image_store.hpp"
#include "logs/finished_logs.hpp"

namespace flotilla {

struct LocalEngineOptions {
    std::string cluster;
    std::filesystem::path data_dir;
    RunNetwork network = RunNetwork::private_network;
    std::int64_t log_limit = std::int64_t{10} << 30;  ///< bytes of a run's log that are kept
    std::int64_t disk_limit = std::int64_t{20}
                              << 30;  ///< bytes that a run may write beside its log; 0: not bounded
    std::vector<launcher::HostMount> mounts = {};
    std::int64_t pids_limit = 4096;  ///< processes and threads of a run; 0: not bounded
    Instance instance;               ///< this host
};

/// The parts of this host that its local clusters share.
struct LocalHost {
    ImageStore& images;
    Launcher& launcher;
    Cgroups& cgroups;
    RunFolders& folders;
    RunNetworks& networks;
    Clock& clock;
    std::vector<std::reference_wrapper<SecretValues>> secrets = {};  ///< each adds variables to a container
    const HostGpus* gpus = nullptr;                                  ///< null: there are none
    GpuGrants* gpu_grants = nullptr;                                 ///< whose they are
    PullMetrics* pulls = nullptr;                                    ///< null: pulls are not counted
    const Fence* fence = nullptr;           ///< when it is closed nothing is started; null: never
    FinishedLogs* finished_logs = nullptr;  ///< who wants to know of them; null: nobody
};

/// Containers on this host, without a daemon: see docs/life-of-a-run.md and RunFolder, where all of its state
/// lies. An attempt's handle is `local:<run_id>.<attempt>`. Jobs outlive the engine; the next one for the
/// same cluster and data folder finds them again.
class LocalEngine final : public Engine {
public:
    /// Recovers: finds what an engine before it left, and tells it as news. Throws std::system_error if the
    /// data folder cannot be used.
    LocalEngine(LocalEngineOptions options, LocalHost host);
    ~LocalEngine() override;

    SubmitOutcome submit(const Task& task) override;
    void stop(const AttemptName& name, std::chrono::seconds grace) override;
    [[nodiscard]] std::optional<Observation> inspect(const AttemptName& name) override;
    [[nodiscard]] std::vector<EngineNews> wait_for_news(std::stop_token stop,
                                                        std::chrono::milliseconds timeout) override;
    void forget(const AttemptName& name) override;
    [[nodiscard]] std::vector<AttemptName> list() override;
    [[nodiscard]] std::optional<std::string> trouble() override;

private:
    enum class Phase {
        accepted,   ///< waits for a thread that launches it
        waiting,    ///< for its image
        launching,  ///< by this engine
        adopting,   ///< by an engine before this one; it is not yet known whether it succeeds
        running,
        ended,
    };
    struct Container {
        Task task;
        std::vector<int> gpus = {};  ///< by their index on the host
        Phase phase = Phase::accepted;
        std::optional<Started> started = {};
        std::optional<Ended> ended = {};
        UniqueFd process = UniqueFd();  ///< pidfd of init, while running
        DiskUse disk_use = {};
        CpuUse cpu_use = {};
        NetworkSpace network = {};                            ///< if this engine launched it
        std::vector<UniqueFd> ports = {};                     ///< of this host, which lead to it
        std::optional<std::chrono::seconds> stop_grace = {};  ///< set once a stop is wanted
        std::optional<std::chrono::steady_clock::time_point> kill_at = {};
    };
    using Containers = std::map<AttemptName, Container>;

    // start.cpp
    /// Has one of the launching threads begin it, if it is in phase `from`.
    void begin_soon(const AttemptName& name, Phase from);
    void launch_all(const std::stop_token& stop);
    void begin(const AttemptName& name);
    [[nodiscard]] std::vector<launcher::HostMount> mounts_for(const std::vector<int>& gpus) const;
    [[nodiscard]] std::vector<int> gpus_of(const AttemptName& name);
    void wait_for_image(const Task& task);
    void launch(const Task& task, const StoredImage& image);
    [[nodiscard]] std::vector<SecretVariable> secrets_for(const Task& task) const;
    [[nodiscard]] LaunchOutcome launch_container(const Task& task, const StoredImage& image, int lock);
    void keep_network(const AttemptName& name, NetworkSpace network);
    /// Lets the ports of this host that it asks for lead to it.
    void forward_ports(const Task& task, std::uint32_t address);
    void note_running(const AttemptName& name, TimePoint at, UniqueFd process);
    void pull_images(const std::stop_token& stop);
    [[nodiscard]] std::string waiting_for_pull(const std::string& image) const;
    [[nodiscard]] PullOutcome pull(const WantedImage& image, const std::stop_token& stop);
    /// Its task if it was in phase `from`, and then is in phase `to`; nothing if a stop or another thread was
    /// first.
    [[nodiscard]] std::optional<Task> move_on(const AttemptName& name, Phase from, Phase to);

    // end.cpp
    void end_without_start(const AttemptName& name, ExitClass exit_class, const std::string& reason);
    void settle(const AttemptName& name);
    [[nodiscard]] std::optional<std::int64_t> max_cpu_of(const AttemptName& name);
    void note_ended(const AttemptName& name, const std::optional<launcher::StartedRecord>& started,
                    Ended ended);
    static void ask_to_end(Container& container);
    void watch_processes(const std::stop_token& stop);
    [[nodiscard]] std::chrono::milliseconds time_to_next_check();
    void kill_overdue();

    // use.cpp
    /// Looks each second at what its runs use.
    void watch_use(const std::stop_token& stop);
    [[nodiscard]] std::vector<AttemptName> running();
    /// Ends those that wrote too much.
    void look_at_disk(const std::vector<AttemptName>& names);
    void look_at_cpu(const std::vector<AttemptName>& names);
    void end_for_disk(const AttemptName& name, std::int64_t bytes);

    // janitor.cpp
    /// Looks each hour whether something of a run that is gone is still there, and whether the rules of
    /// private networks are.
    void keep_clean(const std::stop_token& stop);
    void remove_strays();
    void renew_network();
    /// Takes away what is left of the attempts that it was told to forget.
    void take_away_forgotten();
    void take_away(const AttemptName& name);

    // recovery.cpp: what an engine before this one left
    void recover();
    void adopt(const AttemptName& name);
    void adopt_all();
    void hold_ports_again(const AttemptName& name);
    [[nodiscard]] bool is_stop_wanted(const AttemptName& name);
    [[nodiscard]] bool adopt_process(const AttemptName& name, const launcher::StartedRecord& started);

    [[nodiscard]] RunFolder folder_of(const AttemptName& name) const { return {options_.data_dir, name}; }
    [[nodiscard]] Started started_at(std::int64_t microseconds) const;

    LocalEngineOptions options_;
    LocalHost host_;
    std::string boot_id_;
    Guarded<Containers> containers_;
    NewsBox news_;
    ProcessWatch watch_;
    Guarded<std::deque<AttemptName>> launches_;
    std::condition_variable_any launch_came_;
    PullQueue pulls_;
    Guarded<std::deque<AttemptName>> forgotten_;
    Wake clean_wake_;
    std::chrono::steady_clock::time_point cleaned_at_ =
        std::chrono::steady_clock::now();  ///< of `keep_clean`
    Wake use_wake_;
    std::vector<std::jthread> threads_;  ///< last: they use all of the above
};

}  // namespace flotilla

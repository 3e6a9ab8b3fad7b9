#include <algorithm>
#include <array>
#include <iterator>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>

#include "base/crash_point.hpp"
#include "base/log.hpp"
#include "base/overloaded.hpp"
#include "engine/local/local_engine.hpp"
#include "logs/file/log_path.hpp"

namespace flotilla {

namespace {

UniqueFd open_log(const std::filesystem::path& data_dir, const AttemptName& name) {
    const auto path = log_path(data_dir, name.run, name.number);
    std::filesystem::create_directories(path.parent_path());
    UniqueFd log(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640));
    if (!log) {
        throw_errno(fmt::format("cannot open the log {}", path.string()));
    }
    return log;
}

}  // namespace

std::optional<Task> LocalEngine::move_on(const AttemptName& name, Phase from, Phase to) {
    auto containers = containers_.lock();
    const auto found = containers->find(name);
    if (found == containers->end() || found->second.phase != from) {
        return std::nullopt;
    }
    found->second.phase = to;
    return found->second.task;
}

void LocalEngine::begin_soon(const AttemptName& name, Phase from) {
    if (move_on(name, from, Phase::accepted)) {
        launches_.lock()->push_back(name);
        launch_came_.notify_one();
    }
}

void LocalEngine::launch_all(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        std::optional<AttemptName> next;
        {
            auto launches = launches_.lock();
            if (launch_came_.wait(launches.lock(), stop, [&] { return !launches->empty(); })) {
                next = std::move(launches->front());
                launches->pop_front();
            }
        }
        if (next && !stop.stop_requested()) {
            begin(*next);
        }
    }
}

/// For an attempt that has never started: launches it, or has its image pulled first.
void LocalEngine::begin(const AttemptName& name) {
    const auto task = move_on(name, Phase::accepted, Phase::launching);
    if (!task) {
        return;
    }
    const LogScope scope{"run_id", name.run.value};
    try {
        const auto reference = parse_image_reference(task->image);
        if (const auto image =
                host_.images.claim(reference.value(), task->image_digest, folder_of(name).path())) {
            crash_point("local.image_claimed");
            launch(*task, *image);
        } else {
            wait_for_image(*task);
        }
    } catch (const std::exception& error) {
        end_without_start(name, ExitClass::start_failed, error.what());
    }
}

void LocalEngine::wait_for_image(const Task& task) {
    if (is_stop_wanted(task.name)) {
        end_without_start(task.name, ExitClass::stopped_by_user, "stopped before it started");
    } else if (move_on(task.name, Phase::launching, Phase::waiting)) {
        pulls_.add({task.image, task.image_digest}, task.name);
    }
}

std::vector<SecretVariable> LocalEngine::secrets_for(const Task& task) const {
    std::vector<SecretVariable> all;
    for (SecretValues& source : host_.secrets) {
        auto some = source.values_for(task);
        std::move(some.begin(), some.end(), std::back_inserter(all));
    }
    return all;
}

LaunchOutcome LocalEngine::launch_container(const Task& task, const StoredImage& image, int lock) {
    constexpr std::int64_t bytes_per_mebibyte = std::int64_t{1} << 20;
    auto secrets = secrets_for(task);
    const RunFolder folder = folder_of(task.name);
    folder.clear();
    const UniqueFd log = open_log(options_.data_dir, task.name);
    NetworkSpace network = host_.networks.take(options_.network);
    forward_ports(task, network.address);
    const std::vector<int> gpus = gpus_of(task.name);
    ContainerFiles files;
    files.network = network.space.get();
    files.lock = lock;
    files.log = log.get();
    files.cgroups = host_.cgroups.make(task.name.text(), {.memory = task.memory * bytes_per_mebibyte,
                                                          .pids = options_.pids_limit,
                                                          .cpu = task.cpu.value_or(0)});
    launcher::LaunchSpec spec =
        plan_launch(task, image, read_host_network_files(),
                    {folder.path(),
                     {options_.network, network.address == 0 ? "" : ip_text(network.address),
                      host_.networks.host_address()},
                     options_.log_limit,
                     mounts_for(gpus),
                     gpus,
                     std::move(secrets),
                     host_.fence == nullptr ? Fence::never : host_.fence->closes_at()});
    spec.layers.push_back(std::filesystem::absolute(host_.folders.lowest_layer()).string());
    auto outcome = host_.launcher.launch(spec, files);
    keep_network(task.name, std::move(network));
    return outcome;
}

void LocalEngine::keep_network(const AttemptName& name, NetworkSpace network) {
    auto containers = containers_.lock();
    if (const auto found = containers->find(name); found != containers->end()) {
        found->second.network = std::move(network);
    }
}

std::vector<int> LocalEngine::gpus_of(const AttemptName& name) {
    auto containers = containers_.lock();
    const auto found = containers->find(name);
    return found == containers->end() ? std::vector<int>{} : found->second.gpus;
}

/// The cluster's, and what comes with its GPUs.
std::vector<launcher::HostMount> LocalEngine::mounts_for(const std::vector<int>& gpus) const {
    auto mounts = options_.mounts;
    if (host_.gpus != nullptr) {
        std::ranges::move(gpu_mounts(*host_.gpus, gpus), std::back_inserter(mounts));
    }
    return mounts;
}

void LocalEngine::forward_ports(const Task& task, std::uint32_t address) {
    if (address == 0 || task.ports.empty()) {
        return;
    }
    auto held = host_.networks.forward(task.ports, address);
    auto containers = containers_.lock();
    if (const auto found = containers->find(task.name); found != containers->end()) {
        found->second.ports = std::move(held);
    }
}

void LocalEngine::launch(const Task& task, const StoredImage& image) {
    const UniqueFd lock = folder_of(task.name).try_lock();
    if (!lock) {
        // A launch by the engine before this one is still under way.
        (void)move_on(task.name, Phase::launching, Phase::adopting);
        watch_.wake();
        return;
    }
    LaunchOutcome outcome = launch_container(task, image, lock.get());
    crash_point("local.launched");
    std::visit(Overloaded{[&](ContainerStarted& started) {
                              note_running(task.name, started.at, std::move(started.process));
                          },
                          [&](const ContainerFailed& failed) {
                              const bool by_job = failed.cause == launcher::Cause::job;
                              end_without_start(task.name,
                                                by_job ? ExitClass::rejected : ExitClass::start_failed,
                                                failed.reason);
                          },
                          [&](const ContainerVanished&) { settle(task.name); }},
               outcome);
}

void LocalEngine::note_running(const AttemptName& name, TimePoint at, UniqueFd process) {
    const DiskUse at_start{0, bytes_taken(options_.data_dir), std::chrono::steady_clock::now()};
    auto containers = containers_.lock();
    const auto found = containers->find(name);
    if (found == containers->end()) {
        return;
    }
    Container& container = found->second;
    try {
        watch_.add(name, process);
    } catch (const std::system_error& error) {
        // It runs all the same, so it is looked for again and again.
        log_warning("run {}: {}", name.text(), error.what());
        container.phase = Phase::adopting;
        return;
    }
    container.phase = Phase::running;
    container.started = Started{at, options_.instance};
    container.process = std::move(process);
    container.disk_use = at_start;
    news_.put(name, *container.started);
    use_wake_.notify();
    if (container.stop_grace) {
        ask_to_end(container);
        watch_.wake();
    }
}

PullOutcome LocalEngine::pull(const WantedImage& image, const std::stop_token& stop) {
    constexpr std::array pauses{std::chrono::milliseconds{500}, std::chrono::milliseconds{2000}};
    const auto reference = parse_image_reference(image.name);
    for (std::size_t tries = 0;; ++tries) {
        PullOutcome outcome = image.digest.empty()
                                  ? host_.images.pull(reference.value(), stop)
                                  : host_.images.pull_exactly(reference.value(), image.digest, stop);
        if (!std::holds_alternative<PullFailed>(outcome) || tries == pauses.size() ||
            !pulls_.pause(stop, pauses.at(tries))) {
            return outcome;
        }
        log_info("image {}: {}; it is tried again", image.name, std::get<PullFailed>(outcome).reason);
    }
}

void LocalEngine::pull_images(const std::stop_token& stop) {
    while (const auto image = pulls_.take(stop)) {
        PullOutcome outcome = PullFailed{};
        const auto begin_of_pull = std::chrono::steady_clock::now();
        try {
            outcome = pull(*image, stop);
        } catch (const std::exception& error) {
            outcome = PullFailed{error.what()};
        }
        if (stop.stop_requested() && std::holds_alternative<PullFailed>(outcome)) {
            return;  // The next engine finds those who wait, and goes on with them.
        }
        if (host_.pulls != nullptr) {
            host_.pulls->pulled(outcome, std::chrono::steady_clock::now() - begin_of_pull);
        }
        const auto names = pulls_.finish(*image);
        const auto end_all = [&](ExitClass exit_class, const std::string& reason) {
            for (const AttemptName& name : names) {
                if (move_on(name, Phase::waiting, Phase::launching)) {
                    end_without_start(name, exit_class, reason);
                }
            }
        };
        std::visit(
            Overloaded{
                [&](const StoredImage&) {
                    for (const AttemptName& name : names) {
                        begin_soon(name, Phase::waiting);
                    }
                },
                [&](const PullDenied& denied) { end_all(ExitClass::image_not_found, denied.reason); },
                [&](const PullFailed& failed) { end_all(ExitClass::image_unavailable, failed.reason); }},
            outcome);
    }
}

}  // namespace flotilla

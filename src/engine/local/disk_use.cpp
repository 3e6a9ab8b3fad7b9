#include "engine/local/disk_use.hpp"

#include <set>
#include <utility>

#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/log.hpp"
#include "engine/local/local_engine.hpp"
#include "engine/local/pidfd.hpp"

namespace flotilla {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds between_looks{1};
constexpr std::chrono::seconds longest_unseen{30};
constexpr std::int64_t block = 512;  // the unit of st_blocks, see stat(2)

}  // namespace

std::int64_t bytes_on_disk(const fs::path& folder) {
    std::int64_t bytes = 0;
    std::set<std::pair<dev_t, ino_t>> seen;
    std::error_code error;
    constexpr auto options = fs::directory_options::skip_permission_denied;
    for (fs::recursive_directory_iterator entry(folder, options, error), end; !error && entry != end;
         entry.increment(error)) {
        struct stat found = {};
        if (::lstat(entry->path().c_str(), &found) == 0 &&
            (S_ISDIR(found.st_mode) || found.st_nlink < 2 ||
             seen.emplace(found.st_dev, found.st_ino).second)) {
            bytes += found.st_blocks * block;
        }
    }
    return bytes;
}

std::int64_t bytes_taken(const fs::path& folder) {
    struct statvfs disk {};
    return ::statvfs(folder.c_str(), &disk) == 0
               ? static_cast<std::int64_t>((disk.f_blocks - disk.f_bfree) * disk.f_frsize)
               : 0;
}

bool is_look_due(const DiskUse& last, std::int64_t limit, std::int64_t taken_by_all,
                 std::chrono::steady_clock::time_point now) {
    return last.bytes + (taken_by_all - last.taken_by_all) > limit || now - last.at >= longest_unseen;
}

void LocalEngine::watch_disk(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        const auto now = std::chrono::steady_clock::now();
        const std::int64_t taken = bytes_taken(options_.data_dir);
        std::vector<AttemptName> due;
        bool is_any_running = false;
        {
            auto containers = containers_.lock();
            for (auto& [name, container] : *containers) {
                if (container.phase != Phase::running) {
                    continue;
                }
                is_any_running = true;
                if (container.disk_use.at == decltype(now){}) {
                    container.disk_use = {0, taken, now};
                } else if (is_look_due(container.disk_use, options_.disk_limit, taken, now)) {
                    due.push_back(name);
                }
            }
        }
        for (const AttemptName& name : due) {
            const std::int64_t bytes = bytes_on_disk(folder_of(name).path() / "upper");
            if (auto containers = containers_.lock(); containers->contains(name)) {
                containers->at(name).disk_use = {bytes, taken, now};
            }
            if (bytes > options_.disk_limit) {
                end_for_disk(name, bytes);
            }
        }
        disk_wake_.wait(stop,
                        is_any_running ? std::chrono::microseconds(between_looks) : std::chrono::hours{1});
    }
}

void LocalEngine::end_for_disk(const AttemptName& name, std::int64_t bytes) {
    const LogScope scope{"run_id", name.run.value};
    constexpr double mebibyte = 1 << 20;
    auto containers = containers_.lock();
    const auto found = containers->find(name);
    if (found == containers->end() || found->second.phase != Phase::running) {
        return;
    }
    folder_of(name).mark_over_disk(fmt::format(
        "out of disk: it had written {:.0f} MiB of the {:.0f} MiB that a run may (run.disk_limit)",
        static_cast<double>(bytes) / mebibyte, static_cast<double>(options_.disk_limit) / mebibyte));
    send_signal(found->second.process, SIGKILL);
    host_.cgroups.kill(name.text());
}

}  // namespace flotilla

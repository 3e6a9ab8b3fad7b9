#include "logs/file/log_retention.hpp"

#include <system_error>

#include <sys/stat.h>

#include "logs/file/log_path.hpp"

namespace flotilla {

namespace fs = std::filesystem;

namespace {

bool is_older(const fs::path& file, TimePoint before) {
    struct stat found {};
    return ::lstat(file.c_str(), &found) == 0 && S_ISREG(found.st_mode) &&
           TimePoint(std::chrono::seconds(found.st_mtim.tv_sec)) < before;
}

void add_names(const fs::path& folder, std::set<std::string>& names) {
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        names.insert(entry->path().filename().string());
    }
}

/// How many files were removed whose names begin so.
int remove_named(const fs::path& folder, const std::string& prefix) {
    int removed = 0;
    std::set<std::string> names;
    add_names(folder, names);
    for (auto name = names.lower_bound(prefix); name != names.end() && name->starts_with(prefix); ++name) {
        std::error_code ignored;
        removed += fs::remove(folder / *name, ignored) ? 1 : 0;
    }
    return removed;
}

}  // namespace

int remove_logs_before(const fs::path& data_dir, TimePoint before, const std::set<std::string>& kept,
                       const std::function<bool(const RunId&)>& may_go, const std::stop_token& stop) {
    int removed = 0;
    std::error_code error;
    for (fs::recursive_directory_iterator entry(data_dir / "logs", error), end;
         !error && entry != end && !stop.stop_requested(); entry.increment(error)) {
        const fs::path& path = entry->path();
        std::error_code ignored;
        if (is_log_path(path) && !kept.contains(attempt_of_log(path)) && is_older(path, before) &&
            may_go(run_of_log(path)) && fs::remove(path, ignored)) {
            fs::remove(log_progress_path(path), ignored);
            ++removed;
        }
    }
    return removed;
}

void remove_logs_of(const fs::path& data_dir, const RunId& run) {
    const auto folder = log_path(data_dir, run, 1).parent_path();
    // Again, since one that was being compressed meanwhile has got another name.
    while (remove_named(folder, run.value + ".") > 0) {
    }
}

std::set<std::string> attempts_with_folders(const fs::path& data_dir) {
    std::set<std::string> names;
    add_names(data_dir / "runs", names);
    std::error_code error;
    for (fs::directory_iterator cluster(data_dir / "docker", error), end; !error && cluster != end;
         cluster.increment(error)) {
        add_names(cluster->path(), names);
    }
    return names;
}

}  // namespace flotilla

#include "engine/local/run_folders.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crash_point.hpp"
#include "base/log.hpp"
#include "base/thread_priority.hpp"

namespace flotilla {

namespace {

namespace fs = std::filesystem;

/// As many as start within a few hundredths of a second.
constexpr std::size_t most_spare = 32;
/// Others come first until so many wait to be cleaned: what their jobs wrote takes up the disk.
constexpr std::size_t most_behind = 1024;

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::ranges::find(names, name) != names.end();
}

/// Nothing of what a file says stays, but its place on the disk does.
void blank(const fs::path& path) {
    const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
    struct stat found = {};
    if (!file || ::fstat(file.get(), &found) != 0) {
        throw_errno(fmt::format("cannot open {}", path.string()));
    }
    const std::string zeros(static_cast<std::size_t>(found.st_size), '\0');
    if (::pwrite(file.get(), zeros.data(), zeros.size(), 0) != found.st_size) {
        throw_errno(fmt::format("cannot write {}", path.string()));
    }
}

/// False if something is left in it. An overlay leaves the same each time: so that is not looked for.
bool clear_work(const fs::path& work, const std::stop_token& stop) {
    (void)::unlink((work / "work/incompat/volatile/dirty").c_str());
    for (const char* const left : {"work/incompat/volatile", "work/incompat", "work"}) {
        (void)::rmdir((work / left).c_str());
    }
    if (fs::is_empty(work)) {
        return true;
    }
    remove_content(work, stop);
    return fs::is_empty(work);
}

bool is_locked(const fs::path& lock) {
    const UniqueFd file(::open(lock.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    return !file || ::flock(file.get(), LOCK_EX | LOCK_NB) != 0;
}

}  // namespace

bool make_spare(const fs::path& folder, const std::stop_token& stop) {
    if (is_locked(folder / "lock")) {
        return false;
    }
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
        const fs::path& path = entry.path();
        const std::string name = path.filename().string();
        if (name == "work") {
            if (!clear_work(path, stop)) {
                return false;
            }
        } else if (name == "upper") {
            if (!remove_upper(folder, stop)) {
                return false;
            }
        } else if (is_one_of(name, {"task.json", "started.tmp", "exit.tmp", "layers.tmp"})) {
            blank(path);
        } else if (is_one_of(name, {"started", "exit", "layers"})) {
            blank(path);
            fs::rename(path, path.string() + ".tmp");
        } else if (!is_one_of(name, {"lock", "root"})) {
            remove_tree(path, stop);
        }
    }
    return fs::is_empty(folder / "root");
}

RunFolders::RunFolders(fs::path data_dir)
    : data_dir_(std::move(data_dir)),
      retired_folder_(data_dir_ / "runs" / ".removed"),
      lowest_layer_(data_dir_ / "runs" / ".lowest") {
    make_lowest_layer();
    spread_folders_in(data_dir_ / "runs");
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(retired_folder_, error)) {
        retired_.lock()->push_back(entry.path());
    }
    cleaner_ = std::jthread([this](const std::stop_token& stop) { clean(stop); });
}

RunFolders::~RunFolders() = default;

void RunFolders::make_lowest_layer() const {
    for (const char* const folder : {"etc", "proc", "sys", "dev"}) {
        fs::create_directories(lowest_layer_ / folder);
    }
    for (const char* const file : {"hosts", "hostname", "resolv.conf"}) {
        overwrite_file(lowest_layer_ / "etc" / file, "");
    }
}

void RunFolders::create(const SubmittedTask& submitted) {
    if (!use_again(submitted)) {
        const RunFolder folder(data_dir_, submitted.task.name);
        folder.create(submitted);
        spread_folders_in(folder.path());
    }
}

/// It appears with its task in it, by a rename.
bool RunFolders::use_again(const SubmittedTask& submitted) {
    fs::path folder;
    {
        auto spare = spare_.lock();
        if (spare->empty()) {
            return false;
        }
        folder = std::move(spare->front());
        spare->pop_front();
    }
    std::error_code error;
    try {
        overwrite_file(folder / "task.json", to_json(submitted));
        crash_point("local.folder_made");
        fs::rename(folder, RunFolder(data_dir_, submitted.task.name).path(), error);
    } catch (const std::system_error& failure) {
        error = failure.code();
    }
    if (error) {
        // The attempt has one already, or the disk is full.
        retired_.lock()->push_back(folder);
        retired_came_.notify();
    }
    return !error;
}

void RunFolders::retire(const AttemptName& name) {
    fs::create_directories(retired_folder_);
    // One of that name may still wait to be removed.
    const auto unique = std::chrono::steady_clock::now().time_since_epoch().count();
    const fs::path retired = retired_folder_ / fmt::format("{}.{}", name.text(), unique);
    std::error_code error;
    fs::rename(RunFolder(data_dir_, name).path(), retired, error);
    if (error) {
        log_warning("cannot retire the folder of run {}: {}", name.text(), error.message());
        return;
    }
    retired_.lock()->push_back(retired);
    retired_came_.notify();
}

void RunFolders::clean(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        fs::path next;
        std::size_t left = 0;
        {
            auto retired = retired_.lock();
            if (!retired->empty()) {
                next = std::move(retired->front());
                retired->pop_front();
            }
            left = retired->size();
        }
        set_priority_of_this_thread(left > most_behind ? ThreadPriority::usual : ThreadPriority::low);
        if (next.empty()) {
            retired_came_.wait(stop, std::chrono::hours{1});
        } else {
            clean(next, stop);
        }
    }
}

void RunFolders::clean(const fs::path& folder, const std::stop_token& stop) {
    const bool is_wanted = spare_.lock()->size() < most_spare;
    try {
        if (is_wanted && make_spare(folder, stop) && !stop.stop_requested()) {
            spare_.lock()->push_back(folder);
            return;
        }
    } catch (const std::system_error& error) {
        log_debug("the folder {} is not used again: {}", folder.string(), error.what());
    }
    remove_tree(folder, stop);
}

}  // namespace flotilla

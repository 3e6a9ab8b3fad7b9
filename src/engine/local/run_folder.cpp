#include "engine/local/run_folder.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "base/crash_point.hpp"
#include "base/log.hpp"

namespace flotilla {

namespace {

namespace fs = std::filesystem;

std::optional<AttemptName> parse_attempt_name(const std::string& text) {
    const auto dot = text.rfind('.');
    if (dot == std::string::npos || dot == 0) {
        return std::nullopt;
    }
    AttemptName name{{text.substr(0, dot)}, 0};
    const char* const end = text.data() + text.size();
    const auto result = std::from_chars(text.data() + dot + 1, end, name.number);
    return result.ec == std::errc{} && result.ptr == end && name.number > 0 ? std::optional(name)
                                                                            : std::nullopt;
}

/// A record of another attempt is none of this one: after a power failure a folder that was used again may
/// have a file of its earlier use in it.
template <typename Record>
std::optional<Record> own(std::optional<Record> record, const std::string& name) {
    return record && (record->attempt.empty() || record->attempt == name) ? std::move(record) : std::nullopt;
}

/// The attributes that chattr(1) sets; the two that say how ext4 stores a folder left out.
int attributes(const fs::path& folder) {
    const UniqueFd file(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    int flags = 0;
    (void)::ioctl(file.get(), FS_IOC_GETFLAGS, &flags);
    return flags & ~(FS_EXTENT_FL | FS_INDEX_FL);
}

/// Whether it has no extended attributes, and so no access lists, but the overlay's own number.
bool has_no_marks(const fs::path& folder) {
    constexpr std::string_view number("trusted.overlay.uuid\0", 21);
    std::array<char, number.size()> names{};
    const auto size = ::llistxattr(folder.c_str(), names.data(), names.size());
    return size == 0 || (size < 0 && errno == EOPNOTSUPP) ||
           (size > 0 && std::string_view(names.data(), static_cast<std::size_t>(size)) == number);
}

bool is_like_new(const fs::path& upper, const fs::path& untouched) {
    struct stat found = {};
    return ::lstat(upper.c_str(), &found) == 0 && S_ISDIR(found.st_mode) &&
           found.st_size <= found.st_blksize && fs::is_empty(upper) && has_no_marks(upper) &&
           attributes(upper) == attributes(untouched);
}

}  // namespace

RunFolder::RunFolder(const fs::path& data_dir, const AttemptName& name)
    : name_(name.text()), path_(data_dir / "runs" / name_) {}

void RunFolder::create(const SubmittedTask& submitted) const {
    fs::create_directories(path_);
    crash_point("local.folder_made");
    write_file(path_ / "task.json", to_json(submitted));
}

std::optional<SubmittedTask> RunFolder::task() const {
    const auto json = read_file(path_ / "task.json");
    auto submitted = json ? parse_submitted_task(*json) : std::nullopt;
    return submitted && submitted->task.name.text() == name_ ? submitted : std::nullopt;
}

UniqueFd RunFolder::try_lock() const {
    UniqueFd lock(::open((path_ / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!lock) {
        throw_errno(fmt::format("cannot open the lock of run {}", name_));
    }
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) {
            throw_errno(fmt::format("cannot lock run {}", name_));
        }
        return UniqueFd();
    }
    return lock;
}

void RunFolder::clear() const {
    remove_upper(path_, {});
    remove_content(path_ / "work", {});
}

std::optional<launcher::StartedRecord> RunFolder::started() const {
    const auto text = read_file(path_ / "started");
    return own(text ? launcher::parse_started_record(*text) : std::nullopt, name_);
}

std::optional<launcher::ExitRecord> RunFolder::exit() const {
    const auto text = read_file(path_ / "exit");
    return own(text ? launcher::parse_exit_record(*text) : std::nullopt, name_);
}

void RunFolder::write_exit(const launcher::ExitRecord& record) const {
    write_file(path_ / "exit", launcher::to_text(record));
    crash_point("local.end_written");
}

void RunFolder::mark_killed() const {
    write_file(path_ / "killed", "");
    crash_point("local.kill_noted");
}

bool RunFolder::is_killed() const {
    return fs::exists(path_ / "killed");
}

void RunFolder::mark_over_disk(const std::string& sentence) const {
    write_file(path_ / "over_disk", sentence);
}

std::string RunFolder::over_disk() const {
    return read_file(path_ / "over_disk").value_or("");
}

std::vector<AttemptName> list_run_folders(const fs::path& data_dir) {
    std::vector<AttemptName> names;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(data_dir / "runs", error)) {
        if (const auto name = parse_attempt_name(entry.path().filename().string())) {
            names.push_back(*name);
        }
    }
    return names;
}

bool remove_upper(const fs::path& run_folder, const std::stop_token& stop) {
    const fs::path upper = run_folder / "upper";
    if (is_like_new(upper, run_folder / "work")) {
        return true;
    }
    remove_tree(upper, stop);
    return !fs::exists(fs::symlink_status(upper));
}

void remove_content(const fs::path& folder, const std::stop_token& stop) {
    std::error_code ignored;
    for (fs::directory_iterator entry(folder, ignored), end; entry != end && !stop.stop_requested();
         entry.increment(ignored)) {
        remove_tree(entry->path(), stop);
    }
}

void remove_tree(const fs::path& path, const std::stop_token& stop) {
    std::error_code ignored;
    if (fs::is_directory(fs::symlink_status(path, ignored))) {
        remove_content(path, stop);
    }
    if (!stop.stop_requested()) {
        fs::remove(path, ignored);
    }
}

}  // namespace flotilla

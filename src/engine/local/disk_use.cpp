#include "engine/local/disk_use.hpp"

#include <set>
#include <utility>

#include <sys/stat.h>
#include <sys/statvfs.h>

namespace flotilla {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds longest_unseen{5};
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

}  // namespace flotilla

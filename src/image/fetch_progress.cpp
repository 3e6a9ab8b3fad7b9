#include "image/fetch_progress.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>

namespace flotilla {

namespace fs = std::filesystem;

namespace {

/// Bytes on disk of the files in a folder to which others write.
std::int64_t size_now(const fs::path& folder) {
    std::int64_t size = 0;
    std::error_code none;
    for (fs::recursive_directory_iterator at(folder, none); at != fs::recursive_directory_iterator();
         at.increment(none)) {
        struct stat status {};
        if (::lstat(at->path().c_str(), &status) == 0 && S_ISREG(status.st_mode)) {
            size += static_cast<std::int64_t>(status.st_blocks) * 512;
        }
    }
    return size;
}

}  // namespace

std::string to_text(const FetchProgress& progress) {
    constexpr double megabyte = 1e6;
    return progress.is_fetched
               ? "unpacking"
               : fmt::format("{:.0f} of {:.0f} MB", static_cast<double>(progress.done) / megabyte,
                             static_cast<double>(progress.size) / megabyte);
}

Fetches::Listed Fetches::list(const std::string& name, fs::path folder, std::int64_t size) {
    going_on_.lock()->insert_or_assign(name, Fetch{std::move(folder), size, false});
    return {*this, name};
}

std::optional<FetchProgress> Fetches::progress(const std::string& name) const {
    Fetch fetch;
    {
        auto going_on = going_on_.lock();
        const auto found = going_on->find(name);
        if (found == going_on->end()) {
            return std::nullopt;
        }
        fetch = found->second;
    }
    const auto done = fetch.is_fetched ? fetch.size : std::min(size_now(fetch.folder), fetch.size);
    return FetchProgress{.done = done, .size = fetch.size, .is_fetched = fetch.is_fetched};
}

}  // namespace flotilla

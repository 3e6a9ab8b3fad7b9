#include "engine/docker/log_copy.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace flotilla {

LogCopy::LogCopy(const std::filesystem::path& file, LogRules rules) : filter_(std::move(rules)) {
    std::filesystem::create_directories(file.parent_path());
    file_ = UniqueFd(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640));
    struct stat found {};
    if (!file_ || ::fstat(file_.get(), &found) != 0) {
        throw_errno(fmt::format("cannot open the log {}", file.string()));
    }
    written_ = static_cast<std::size_t>(found.st_size);
}

void LogCopy::take(std::string_view stream) {
    write(filter_.pass(frames_.take(stream)));
}

void LogCopy::finish() {
    write(filter_.rest());
}

void LogCopy::write(std::string_view shown) {
    const auto known = std::min(written_, shown.size());
    written_ -= known;
    shown.remove_prefix(known);
    while (!shown.empty()) {
        const auto count = ::write(file_.get(), shown.data(), shown.size());
        if (count >= 0) {
            shown.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno != EINTR) {
            throw_errno("cannot write a log");
        }
    }
}

}  // namespace flotilla

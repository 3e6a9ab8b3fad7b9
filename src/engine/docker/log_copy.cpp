#include "engine/docker/log_copy.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace flotilla {

namespace {

/// Of `2026-01-02T03:04:05.000000006Z `, which begins a timed piece.
constexpr std::size_t time_length = 31;

std::size_t hash_of(std::string_view piece) {
    return std::hash<std::string_view>{}(piece);
}

UniqueFd open_log(const std::filesystem::path& path) {
    std::filesystem::create_directories(path.parent_path());
    UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640));
    if (!file) {
        throw_errno(fmt::format("cannot open the log {}", path.string()));
    }
    return file;
}

std::int64_t size_of(int file, const std::filesystem::path& path) {
    struct stat found {};
    if (::fstat(file, &found) != 0) {
        throw_errno(fmt::format("cannot open the log {}", path.string()));
    }
    return found.st_size;
}

}  // namespace

LogCopy::LogCopy(const std::filesystem::path& file, LogRules rules, bool is_timed)
    : file_(open_log(file)),
      is_timed_(is_timed),
      last_pieces_(most_of_the_end),
      mask_(std::move(rules.masked)),
      log_(file_.get(), {AT_FDCWD, file.string() + ".end"}, rules.limit, size_of(file_.get(), file)) {}

void LogCopy::take(std::string_view stream) {
    std::string output;
    frames_.take(stream, [&](std::string_view piece) {
        ++count_;
        last_pieces_.push_back(hash_of(piece));
        output += output_in(piece);
    });
    write(mask_.pass(output));
}

bool LogCopy::take_end(std::string_view stream) {
    if (!is_timed_) {
        return false;
    }
    std::vector<std::size_t> hashes;
    std::vector<std::string> outputs;
    LogFrames().take(stream, [&](std::string_view piece) {
        hashes.push_back(hash_of(piece));
        outputs.emplace_back(output_in(piece));
    });
    const auto known = known_in(hashes);
    if (known) {
        for (std::size_t i = *known; i < outputs.size(); ++i) {
            write(mask_.pass(outputs[i]));
        }
    }
    return known.has_value();
}

void LogCopy::finish() {
    write(mask_.rest());
    for (auto piece = log_.rest(); !piece.empty(); piece = log_.rest()) {
        write(piece);
    }
    if (log_.left() > 0) {
        throw_errno("cannot read the end of a log");
    }
}

std::string_view LogCopy::output_in(std::string_view piece) const {
    if (!is_timed_) {
        return piece;
    }
    if (piece.size() < time_length || piece[time_length - 2] != 'Z' || piece[time_length - 1] != ' ') {
        throw std::runtime_error("the Docker daemon gave a piece of a log without its time");
    }
    return piece.substr(time_length);
}

std::optional<std::size_t> LogCopy::known_in(const std::vector<std::size_t>& end) const {
    std::optional<std::size_t> known;
    for (std::size_t count = 0; count <= std::min(end.size(), last_pieces_.size()); ++count) {
        // Of a log that has no more pieces the first ones are those that have come.
        const bool fits = end.size() < most_of_the_end ? count == count_ : count > 0;
        if (fits && std::equal(end.begin(), end.begin() + static_cast<std::ptrdiff_t>(count),
                               last_pieces_.end() - static_cast<std::ptrdiff_t>(count))) {
            if (known) {
                return std::nullopt;
            }
            known = count;
        }
    }
    return known;
}

void LogCopy::write(std::string_view shown) {
    if (log_.write(shown) < shown.size()) {
        throw_errno("cannot write a log");
    }
}

}  // namespace flotilla

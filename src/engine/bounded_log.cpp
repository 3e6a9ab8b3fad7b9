#include "engine/bounded_log.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <unistd.h>

namespace flotilla {

namespace {

constexpr std::size_t piece_size = 1 << 16;
/// The end begins with a line if that costs no more than this.
constexpr std::int64_t longest_half_line = 1 << 16;

}  // namespace

BoundedLog::BoundedLog(int file, PlaceOfEnd place, std::int64_t limit, std::int64_t known)
    : file_(file),
      limit_(limit),
      known_(known),
      end_size_(std::min(limit / 2, longest_end)),
      beginning_left_(limit - end_size_),
      // One more, which tells whether a line ends before the end.
      last_(place.folder, std::move(place.path), end_size_ + 1) {}

std::size_t BoundedLog::write(std::string_view bytes) {
    if (is_over_) {
        return append(bytes);
    }
    const auto beginning = bytes.substr(0, static_cast<std::size_t>(beginning_left_));
    const auto taken = append(beginning);
    beginning_left_ -= static_cast<std::int64_t>(taken);
    if (taken > 0) {
        at_line_start_ = bytes[taken - 1] == '\n';
    }
    if (taken < beginning.size() || taken == bytes.size()) {
        return taken;
    }
    return taken + last_.add(bytes.substr(taken));
}

std::string_view BoundedLog::rest() {
    if (!std::exchange(is_over_, true)) {
        next_piece_ = begin_rest();
    }
    // The next one is taken before this one is written, which then has its room on a disk that is full.
    piece_ = std::exchange(next_piece_, take_piece());
    return piece_;
}

std::int64_t BoundedLog::left() const {
    return last_.count() - taken_;
}

std::string BoundedLog::begin_rest() {
    if (last_.count() <= end_size_) {
        return take_piece();
    }
    taken_ = beginning_of_end();
    const std::string marker = "[flotilla: log limit of " + std::to_string(limit_) + " bytes reached, " +
                               std::to_string(taken_) + " bytes are left out here]\n";
    return (at_line_start_ ? "" : "\n") + marker + take_piece();
}

std::string BoundedLog::take_piece() {
    std::string piece = left() > 0 ? last_.take(taken_, piece_size) : "";
    taken_ += static_cast<std::int64_t>(piece.size());
    return piece;
}

std::size_t BoundedLog::append(std::string_view bytes) {
    auto done = static_cast<std::size_t>(std::min(known_, static_cast<std::int64_t>(bytes.size())));
    known_ -= static_cast<std::int64_t>(done);
    while (done < bytes.size()) {
        const auto written = ::write(file_, bytes.data() + done, bytes.size() - done);
        if (written >= 0) {
            done += static_cast<std::size_t>(written);
        } else if (errno != EINTR) {
            break;
        }
    }
    return done;
}

/// Counted from where the end of the beginning is.
std::int64_t BoundedLog::beginning_of_end() const {
    const auto first = last_.count() - end_size_;
    const auto looked_at = std::min(end_size_ / 2, longest_half_line);
    for (auto at = first - 1; at < first + looked_at;) {
        const std::string bytes = last_.read(at, static_cast<std::size_t>(first + looked_at - at));
        const auto found = bytes.find('\n');
        if (found != std::string::npos) {
            return at + static_cast<std::int64_t>(found) + 1;
        }
        if (bytes.empty()) {
            break;
        }
        at += static_cast<std::int64_t>(bytes.size());
    }
    return first;
}

}  // namespace flotilla

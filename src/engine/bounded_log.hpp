#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/last_bytes.hpp"

namespace flotilla {

/// Where the end of a log waits until nothing comes any more: as LastBytes has it.
struct PlaceOfEnd {
    int folder;
    std::string path;
};

/// A log that keeps `limit` bytes: its end, which is half of them but 64 MiB at most, and before it the
/// beginning. The beginning is appended to the log's file as it comes; the end when nothing comes any more,
/// after a line that says how much is left out, if anything is. The same bytes make the same log, however
/// they are cut into pieces.
class BoundedLog {
public:
    /// `file` is open to append. It has the first `known` bytes of this log already, which are passed over.
    BoundedLog(int file, PlaceOfEnd place, std::int64_t limit, std::int64_t known = 0);

    /// How many of these bytes were taken; if not all, errno says why. After `rest` was called they go to the
    /// file at once.
    std::size_t write(std::string_view bytes);
    /// Nothing comes any more. The next piece of what has to be written now, valid until the next call; empty
    /// when there is no more.
    [[nodiscard]] std::string_view rest();
    /// How many bytes of the end could not be read, when `rest` has given all that it has; errno says why.
    [[nodiscard]] std::int64_t left() const;

    static constexpr std::int64_t longest_end = std::int64_t{64} << 20;

private:
    std::size_t append(std::string_view bytes);
    [[nodiscard]] std::string begin_rest();
    [[nodiscard]] std::string take_piece();
    [[nodiscard]] std::int64_t beginning_of_end() const;

    int file_;
    std::int64_t limit_;
    std::int64_t known_;
    std::int64_t end_size_;
    std::int64_t beginning_left_;
    bool at_line_start_ = true;
    LastBytes last_;
    bool is_over_ = false;
    std::int64_t taken_ = 0;  ///< of what came after the beginning: left out, or for `rest` to give
    std::string piece_;
    std::string next_piece_;
};

}  // namespace flotilla

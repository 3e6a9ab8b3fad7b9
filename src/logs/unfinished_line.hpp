#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace flotilla {

/// Of a longer line that is being written its end is shown.
constexpr std::size_t most_of_an_unfinished_line = std::size_t{16} * 1024;

/// What a line that has no end yet shows now: what came after its last carriage return that something
/// follows, as progress bars overwrite themselves. Valid UTF-8, at most some 16 KiB of what was written.
[[nodiscard]] std::string unfinished_line(std::string_view bytes);

}  // namespace flotilla

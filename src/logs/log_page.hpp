#pragma once

#include <cstddef>
#include <string_view>

#include "logs/log_reader.hpp"

namespace flotilla {

/// The page that begins with `bytes` of a log, of which there are fewer than `most` only if the log has no
/// more now; `at_end`: nor ever will.
[[nodiscard]] LogPage cut_page(std::string_view bytes, std::size_t most, bool at_end);

}  // namespace flotilla

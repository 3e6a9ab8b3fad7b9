#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace flotilla {

/// How many bytes a text may have that stands in indexes of the database: aliases, groups, tags, owners,
/// clusters. PostgreSQL has room for 2,704 bytes in a row of an index, where at most two of them stand beside
/// ids (https://www.postgresql.org/docs/15/btree-implementation.html).
inline constexpr std::size_t longest_indexed_text = 1000;

/// What is wrong with the value of `field`, in one line; nothing if it fits.
[[nodiscard]] std::optional<std::string> indexed_text_mistake(std::string_view field, std::string_view text);

/// A text that came from elsewhere, UTF-8, as it fits: one that is too long has a digest in place of its end,
/// so that different texts stay different.
[[nodiscard]] std::string fitted_indexed_text(std::string_view text);

}  // namespace flotilla

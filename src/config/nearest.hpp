#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace flotilla::settings {

/// The candidate that takes the fewest letters to insert, delete or change (Levenshtein's distance) to become
/// `word`; the first of several. Empty if there are no candidates.
[[nodiscard]] std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace flotilla::settings

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace flotilla::settings {

/// What a message adds about an unknown word: `; the nearest is …`, the candidate that takes the fewest
/// letters to insert, delete or change (Levenshtein's distance) to become `word`, the first of several.
/// Empty if none is near: if more than a third of the longer one would change.
[[nodiscard]] std::string nearest_hint(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace flotilla::settings

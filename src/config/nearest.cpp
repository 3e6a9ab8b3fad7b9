#include "config/nearest.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

namespace flotilla::settings {

namespace {

std::size_t distance(std::string_view from, std::string_view to) {
    std::vector<std::size_t> row(to.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t line = 1; line <= from.size(); ++line) {
        std::size_t diagonal = std::exchange(row[0], line);
        for (std::size_t column = 1; column <= to.size(); ++column) {
            const std::size_t changed = diagonal + (from[line - 1] == to[column - 1] ? 0 : 1);
            diagonal = row[column];
            row[column] = std::min({changed, row[column] + 1, row[column - 1] + 1});
        }
    }
    return row.back();
}

}  // namespace

std::string nearest_hint(std::string_view word, const std::vector<std::string>& candidates) {
    constexpr std::size_t longest_compared = 200;
    word = word.substr(0, longest_compared);
    std::size_t least = std::numeric_limits<std::size_t>::max();
    std::string best;
    for (const std::string& candidate : candidates) {
        const std::size_t steps = distance(word, candidate);
        if (steps < least && steps <= std::max(word.size(), candidate.size()) / 3) {
            least = steps;
            best = candidate;
        }
    }
    return best.empty() ? "" : "; the nearest is " + best;
}

}  // namespace flotilla::settings

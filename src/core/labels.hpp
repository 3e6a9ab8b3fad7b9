#pragma once

#include <map>
#include <string>
#include <vector>

namespace flotilla {

/// Words by which people find things again, such as `team: forecasting`.
using Labels = std::map<std::string, std::string>;

/// The mistakes of labels (an empty name, `|` in a name, too many, too long), as one line each.
[[nodiscard]] std::vector<std::string> label_mistakes(const Labels& labels);

}  // namespace flotilla

#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace flotilla {

/// What becomes of a job's output.
struct LogRules {
    std::int64_t limit = 0;           ///< bytes that are kept
    std::vector<std::string> masked;  ///< texts that are shown as `***`
};

}  // namespace flotilla

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/mask.hpp"

namespace flotilla {

/// What becomes of a job's output.
struct LogRules {
    std::int64_t limit = 0;           ///< bytes that are kept
    std::vector<std::string> masked;  ///< texts that are shown as `***`
};

/// Makes of what a job writes what its log shows: the first `limit` bytes, without what is masked, then one
/// line that says so. The same output makes the same log, wherever it is cut into pieces.
class LogFilter {
public:
    explicit LogFilter(LogRules rules);

    /// What the log shows of the next bytes, valid until the next call.
    [[nodiscard]] std::string_view pass(std::string_view bytes);
    /// What the log shows at last: nothing comes any more.
    [[nodiscard]] std::string_view rest();

private:
    std::string_view keep(std::string_view bytes);

    std::int64_t limit_;
    Mask mask_;
    std::int64_t left_;
    std::string last_;  ///< what is kept at the limit, with the line that says so
    bool at_line_start_ = true;
    bool marked_ = false;
};

}  // namespace flotilla

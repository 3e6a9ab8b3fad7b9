#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace flotilla {

/// A place in the log of a run.
struct LogPosition {
    int attempt = 1;
    std::int64_t offset = 0;  ///< bytes from the beginning of the attempt's log

    /// What clients pass back to go on from here: `<attempt>/<offset>`, opaque to them.
    [[nodiscard]] std::string token() const;

    bool operator==(const LogPosition&) const = default;
};

/// Throws `invalid` if the token is none that `LogPosition::token` gives.
[[nodiscard]] LogPosition parse_log_position(std::string_view token);

}  // namespace flotilla

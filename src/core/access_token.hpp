#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace flotilla {

/// A token that lets its holder use the API, as far as it is kept: never the token itself.
struct AccessToken {
    std::string name;  ///< who holds it; the owner of what is run with it
    std::string hash;  ///< see `access_token_hash`
    TimePoint created_at;
    std::optional<TimePoint> last_used_at;  ///< to the minute
    std::optional<TimePoint> revoked_at;    ///< from then on it is worth nothing
    bool operator==(const AccessToken&) const = default;
};

/// The owner of what is run by nobody known, in the first version of the API.
constexpr std::string_view unknown_owner = "v1-unknown";

/// How many random bytes a token is made of: 256 bits cannot be guessed, at whatever rate.
constexpr std::size_t access_token_bytes = 32;

/// `flt_` and the bytes as hexadecimal digits. The prefix is for people, and for programs that search files
/// for tokens that should not stand there.
[[nodiscard]] std::string access_token_text(std::string_view random_bytes);

/// Whether a text has the form of a token.
[[nodiscard]] bool is_access_token_text(std::string_view text);

/// What is kept of a token: `sha256:...`.
[[nodiscard]] std::string access_token_hash(std::string_view token);

/// What is wrong with the name of a token, for people; nothing if it is good.
[[nodiscard]] std::optional<std::string> token_name_mistake(std::string_view name);

}  // namespace flotilla

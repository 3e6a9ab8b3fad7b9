#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/id.hpp"

namespace flotilla {

/// Tokens of runs: with its own a run may report its status, and nothing else. A token is
/// `flr_<run_id>_<code>`, where the code (HMAC-SHA-256) proves that it was made with the key. So nothing has
/// to be kept for a run, and its token stays the same over attempts and restarts, and on every server that
/// has the same key.
class RunTokens {
public:
    /// `key`: 32 random bytes or more that no run knows.
    explicit RunTokens(std::string key) : key_(std::move(key)) {}

    [[nodiscard]] std::string token_of(const RunId& run) const;

    /// The token by which servers that have the same key know each other.
    [[nodiscard]] std::string token_of_servers() const { return token_of(servers()); }
    /// What stands for them in place of a run: no run has such an id.
    [[nodiscard]] static RunId servers() { return {"servers"}; }

    /// The run that a token was made for; nothing if it was not made with the key.
    [[nodiscard]] std::optional<RunId> run_of(std::string_view token) const;

    /// Whether a text has the form of such a token.
    [[nodiscard]] static bool is_run_token_text(std::string_view text);

private:
    [[nodiscard]] std::string code_of(std::string_view run_id) const;

    std::string key_;
};

}  // namespace flotilla

#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "core/run_token.hpp"
#include "store/token_store.hpp"

namespace flotilla {

/// Somebody with an access token, who may do everything.
struct TokenHolder {
    std::string name;
};
/// A run with its own token, which may report its status.
struct RunItself {
    RunId run;
};
/// Not the form of any token.
struct MalformedToken {};
/// Never made here, or revoked.
struct UnknownToken {};
using Identity = std::variant<TokenHolder, RunItself, MalformedToken, UnknownToken>;

/// Says whose a token is. Safe to call from any thread; throws `unavailable` when the database cannot be
/// reached and the token is not known yet.
class Authenticator {
public:
    /// How long a token that was revoked may still be taken, and how often the database is asked for one that
    /// is in use.
    static constexpr std::chrono::microseconds trusted_for = std::chrono::seconds{1};

    Authenticator(TokenStore& tokens, Clock& clock, RunTokens run_tokens)
        : tokens_(tokens), clock_(clock), run_tokens_(std::move(run_tokens)) {}

    [[nodiscard]] Identity identify(std::string_view token);

private:
    struct Known {
        std::string name;
        std::chrono::microseconds seen_at;  ///< `Clock::elapsed`
    };

    [[nodiscard]] Identity look_up(const std::string& hash);
    void note_use(const AccessToken& token, TimePoint now);

    TokenStore& tokens_;
    Clock& clock_;
    RunTokens run_tokens_;
    /// By hash, as the tokens themselves need not stay in memory.
    Guarded<std::unordered_map<std::string, Known>> known_;
};

}  // namespace flotilla

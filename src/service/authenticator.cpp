#include "service/authenticator.hpp"

#include <optional>

#include "base/error.hpp"
#include "base/log.hpp"

namespace flotilla {

namespace {

constexpr std::chrono::microseconds use_is_noted_every = std::chrono::minutes{1};

}  // namespace

Identity Authenticator::identify(std::string_view token) {
    if (RunTokens::is_run_token_text(token)) {
        const auto run = run_tokens_.run_of(token);
        return run ? Identity(RunItself{*run}) : Identity(UnknownToken{});
    }
    if (!is_access_token_text(token)) {
        return MalformedToken{};
    }
    // The look-up is by digest: how long it takes says nothing about the tokens that there are.
    const auto hash = access_token_hash(token);
    {
        auto known = known_.lock();
        const auto found = known->find(hash);
        if (found != known->end() && clock_.elapsed() - found->second.seen_at < trusted_for) {
            return TokenHolder{found->second.name};
        }
    }
    return look_up(hash);
}

Identity Authenticator::look_up(const std::string& hash) {
    const auto asked_at = clock_.elapsed();
    const auto token = tokens_.find_valid(hash);
    if (!token) {
        known_.lock()->erase(hash);
        return UnknownToken{};
    }
    (*known_.lock())[hash] = {token->name, asked_at};
    const auto now = clock_.now();
    if (!token->last_used_at || now - *token->last_used_at >= use_is_noted_every) {
        note_use(*token, now);
    }
    return TokenHolder{token->name};
}

void Authenticator::note_use(const AccessToken& token, TimePoint now) {
    try {
        tokens_.note_use(token.hash, now);
    } catch (const Error& error) {
        // Reading goes on while the disk is full.
        log_warning("the use of the token of {} could not be noted: {}", token.name, error.what());
    }
}

}  // namespace flotilla

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "store/token_store.hpp"

namespace flotilla {

/// What the owner of a server can do with access tokens. Throws `Error`s meant for them.
class TokenService {
public:
    TokenService(TokenStore& tokens, Clock& clock) : tokens_(tokens), clock_(clock) {}

    /// Makes a token of `access_token_bytes` random bytes and returns it: it is not to be had again.
    /// Throws `invalid` for a name that cannot be, `conflict` if it has a valid token.
    [[nodiscard]] std::string create(const std::string& name, std::string_view random_bytes);

    /// Revoked ones too.
    [[nodiscard]] std::vector<AccessToken> list() { return tokens_.list(); }

    /// Throws `not_found` if the name has no valid token.
    void revoke(const std::string& name);

private:
    TokenStore& tokens_;
    Clock& clock_;
};

}  // namespace flotilla

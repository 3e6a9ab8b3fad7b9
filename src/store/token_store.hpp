#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/access_token.hpp"

namespace flotilla {

/// Where access tokens are kept, and the key of the runs' own.
/// Safe to call from any thread; throws `unavailable` when the database cannot be reached.
class TokenStore {
public:
    TokenStore() = default;
    TokenStore(const TokenStore&) = delete;
    TokenStore& operator=(const TokenStore&) = delete;
    virtual ~TokenStore() = default;

    /// Stores a new token. Throws `conflict` if its name has one that is not revoked.
    virtual void insert(const AccessToken& token) = 0;

    /// The token of that hash, unless it is revoked.
    [[nodiscard]] virtual std::optional<AccessToken> find_valid(const std::string& hash) = 0;

    /// All of them, revoked ones too, by name, then by age.
    [[nodiscard]] virtual std::vector<AccessToken> list() = 0;

    /// Says whether there was one of that name that was not revoked.
    virtual bool revoke(const std::string& name, TimePoint at) = 0;

    virtual void note_use(const std::string& hash, TimePoint at) = 0;

    /// The key by which tokens of runs are made: that which is stored, or `fresh` if none is, which then is.
    [[nodiscard]] virtual std::string run_token_key(const std::string& fresh) = 0;
};

}  // namespace flotilla

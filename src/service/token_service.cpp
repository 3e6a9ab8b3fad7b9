#include "service/token_service.hpp"

#include "base/error.hpp"

namespace flotilla {

std::string TokenService::create(const std::string& name, std::string_view random_bytes) {
    if (const auto mistake = token_name_mistake(name)) {
        throw invalid("{}", *mistake);
    }
    auto token = access_token_text(random_bytes);
    tokens_.insert({.name = name,
                    .hash = access_token_hash(token),
                    .created_at = clock_.now(),
                    .last_used_at = {},
                    .revoked_at = {}});
    return token;
}

void TokenService::revoke(const std::string& name) {
    if (!tokens_.revoke(name, clock_.now())) {
        throw not_found("there is no valid token of the name [{}]; see: flotilla token list", name);
    }
}

}  // namespace flotilla

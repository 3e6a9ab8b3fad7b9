#pragma once

#include <optional>

#include "api/request.hpp"
#include "service/authenticator.hpp"

namespace flotilla {

/// Who may use a route where tokens are asked for.
enum class Access {
    token,       ///< who has an access token
    run_itself,  ///< also the run that the parameter `run_id` of the path names, with its own token
    servers,     ///< also other servers of the same database
    everybody,
};

/// Asks who sends a request, where the server wants to know (RFC 6750).
class Authentication {
public:
    /// `authenticator` outlives this object; null: everybody may do everything, and nobody is asked.
    explicit Authentication(Authenticator* authenticator) : authenticator_(authenticator) {}

    [[nodiscard]] bool is_asked_for() const { return authenticator_ != nullptr; }

    /// 401 if nobody known sends it, 403 if whoever does may not. Else says in the request who is its caller.
    /// Throws `unavailable` if that cannot be found out now.
    [[nodiscard]] std::optional<Response> refusal(Access access, Request& request) const;

private:
    Authenticator* authenticator_;
};

}  // namespace flotilla

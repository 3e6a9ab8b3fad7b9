#pragma once

#include <optional>
#include <string>
#include <string_view>

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

/// The cookie that holds the token of who signed in with a browser.
constexpr std::string_view session_cookie = "flotilla_token";

/// Asks who sends a request, where the server wants to know (RFC 6750).
class Authentication {
public:
    /// `authenticator` outlives this object; null: everybody may do everything, and nobody is asked.
    explicit Authentication(Authenticator* authenticator) : authenticator_(authenticator) {}

    [[nodiscard]] bool is_asked_for() const { return authenticator_ != nullptr; }

    /// 401 if nobody known sends it, 403 if whoever does may not. Else says in the request who is its caller.
    /// A browser sends its token as a cookie; that counts where there is no Authorization, and for a change
    /// only with an Origin, which pages cannot leave out and `OriginCheck` has looked at.
    /// Throws `unavailable` if that cannot be found out now.
    [[nodiscard]] std::optional<Response> refusal(Access access, Request& request) const;

    /// 401 or 403 unless this is the token of somebody who may use the API, whose name is put into `name`.
    /// Only where tokens are asked for.
    [[nodiscard]] std::optional<Response> refusal_of_token(std::string_view token, std::string& name) const;

private:
    [[nodiscard]] std::optional<Response> refusal_of_cookie(Access access, Request& request) const;
    [[nodiscard]] std::optional<Response> refusal(Access access, std::string_view token,
                                                  Request& request) const;

    Authenticator* authenticator_;
};

}  // namespace flotilla

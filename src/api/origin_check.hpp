#pragma once

#include <optional>
#include <string_view>

#include "api/authority.hpp"
#include "api/cors.hpp"
#include "api/http.hpp"

namespace flotilla {

/// Refuses changes that a page of another site makes a browser send (cross-site request forgery): browsers
/// name the page's origin with each of them. A request without an Origin comes from no page.
class OriginCheck {
public:
    /// `public_url` is empty if there is none. `cors` knows the other origins that may; it outlives this.
    OriginCheck(std::string_view public_url, const Cors& cors);

    /// 403 if the request would change something and its Origin is neither the host that it was sent to, nor
    /// that of `public_url`, nor an allowed one. `Origin: null` is foreign.
    [[nodiscard]] std::optional<Response> refusal(const IncomingRequest& request) const;

private:
    [[nodiscard]] bool is_own(std::string_view origin, const Headers& headers) const;

    std::optional<WebOrigin> public_origin_;
    const Cors& cors_;
};

}  // namespace flotilla

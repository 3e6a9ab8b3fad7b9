#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/authority.hpp"
#include "api/http.hpp"

namespace flotilla {

/// Refuses requests that were meant for another host: a page of another site can make its own name point to
/// this server's address (DNS rebinding) and would then pass for a page of this server.
/// IP literals and `localhost` cannot be made to point elsewhere, so they are always ours.
class HostCheck {
public:
    /// `names` are those of this server besides; `*` is every name. The port of a request never matters.
    explicit HostCheck(const std::vector<std::string>& names);

    /// 421 (RFC 9110, section 15.5.20) if the Host header is none of ours, or the host of a target in
    /// absolute form. A request that names none (HTTP/1.0) comes from no browser and is let in.
    [[nodiscard]] std::optional<Response> refusal(const IncomingRequest& request) const;

private:
    [[nodiscard]] bool is_ours(const Authority& authority) const;
    [[nodiscard]] bool is_ours(std::string_view host) const;

    std::vector<std::string> names_;
    bool allows_all_ = false;
};

}  // namespace flotilla

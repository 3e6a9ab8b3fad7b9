#include "api/host_check.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace flotilla {

namespace {

Response misdirected(std::string_view host) {
    return error_response(421, fmt::format("the Host [{}] is none of this server's names: add it to "
                                           "http.server.allowed_hosts or set http.server.public_url",
                                           host));
}

}  // namespace

HostCheck::HostCheck(const std::vector<std::string>& names) : names_{"localhost"} {
    for (const std::string& name : names) {
        allows_all_ = allows_all_ || name == "*";
        if (const auto authority = parse_authority(name)) {
            names_.push_back(authority->host);
        }
    }
}

bool HostCheck::is_ours(const Authority& authority) const {
    return is_ip_literal(authority.host) ||
           std::find(names_.begin(), names_.end(), authority.host) != names_.end();
}

bool HostCheck::is_ours(std::string_view host) const {
    const auto authority = parse_authority(host);
    return authority && is_ours(*authority);
}

std::optional<Response> HostCheck::refusal(const IncomingRequest& request) const {
    if (allows_all_) {
        return std::nullopt;
    }
    const auto host = find_header(request.headers, "Host");
    if (host && !is_ours(*host)) {
        return misdirected(*host);
    }
    // A target in absolute form says itself for whom it is, whatever the header says (RFC 9112, section
    // 3.2.2).
    if (request.target.find("://") < request.target.find('/')) {
        const auto origin = parse_origin(request.target);
        if (!origin || !is_ours(origin->authority)) {
            return misdirected(origin ? origin->authority.host : request.target);
        }
    }
    return std::nullopt;
}

}  // namespace flotilla

#include "api/host_check.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "api/authority.hpp"

namespace flotilla {

HostCheck::HostCheck(const std::vector<std::string>& names) : names_{"localhost"} {
    for (const std::string& name : names) {
        allows_all_ = allows_all_ || name == "*";
        if (const auto authority = parse_authority(name)) {
            names_.push_back(authority->host);
        }
    }
}

bool HostCheck::is_ours(std::string_view host) const {
    const auto authority = parse_authority(host);
    return authority && (is_ip_literal(authority->host) ||
                         std::find(names_.begin(), names_.end(), authority->host) != names_.end());
}

std::optional<Response> HostCheck::refusal(const Headers& headers) const {
    const auto host = find_header(headers, "Host");
    if (allows_all_ || !host || is_ours(*host)) {
        return std::nullopt;
    }
    return error_response(421, fmt::format("the Host [{}] is none of this server's names: add it to "
                                           "http.server.allowed_hosts or set http.server.public_url",
                                           *host));
}

}  // namespace flotilla

#include "api/origin_check.hpp"

#include <fmt/format.h>

namespace flotilla {

namespace {

/// The authority with the port that the scheme means where it says none.
Authority with_port(Authority authority, std::string_view scheme) {
    if (authority.port.empty()) {
        authority.port = scheme == "https" ? "443" : "80";
    }
    return authority;
}

}  // namespace

OriginCheck::OriginCheck(std::string_view public_url, const Cors& cors)
    : public_origin_(parse_origin(public_url)), cors_(cors) {}

bool OriginCheck::is_own(std::string_view origin, const Headers& headers) const {
    const auto from = parse_origin(origin);
    if (!from) {
        return false;
    }
    const Authority sender = with_port(from->authority, from->scheme);
    if (public_origin_ && from->scheme == public_origin_->scheme &&
        sender == with_port(public_origin_->authority, public_origin_->scheme)) {
        return true;
    }
    // A proxy that ends TLS in front of this server makes the scheme another than ours: it does not count.
    const auto host = find_header(headers, "Host");
    const auto authority = host ? parse_authority(*host) : std::nullopt;
    return authority && sender == with_port(*authority, from->scheme);
}

std::optional<Response> OriginCheck::refusal(const IncomingRequest& request) const {
    const auto origin = find_header(request.headers, "Origin");
    if (!is_changing(request.verb) || !origin || cors_.allows(*origin) || is_own(*origin, request.headers)) {
        return std::nullopt;
    }
    return error_response(403, fmt::format("pages of the origin [{}] may change nothing here: add it to "
                                           "http.server.cors_allowed_origins",
                                           *origin));
}

}  // namespace flotilla

#include "api/authority.hpp"

#include "api/host_check.hpp"
#include "api/origin_check.hpp"
#include "fuzz_target.hpp"

namespace flotilla::fuzz {

namespace {

std::string printed(const Authority& authority) {
    const bool is_ipv6 = authority.host.find(':') != std::string::npos;
    return (is_ipv6 ? "[" + authority.host + "]" : authority.host) +
           (authority.port.empty() ? "" : ":" + authority.port);
}

void read_authority(std::string_view input) {
    if (const auto parsed = parse_authority(input)) {
        require(parse_authority(printed(*parsed)) == parsed, "print and parse agree");
    }
}

void check_host(std::string_view input) {
    static const HostCheck check({"flotilla.example"});
    const bool is_let_in = !check.refusal({.verb = HttpVerb::get,
                                           .target = "/",
                                           .headers = {{"Host", std::string(input)}},
                                           .body = {},
                                           .id = {}});
    const auto parsed = parse_authority(input);
    const bool is_ours = parsed && (parsed->host == "flotilla.example" || parsed->host == "localhost" ||
                                    is_ip_literal(parsed->host));
    require(is_let_in == is_ours, "only our own names are let in");
}

void check_origin(std::string_view input) {
    static const Cors cors({"https://friend.example"});
    static const OriginCheck check("https://public.example", cors);
    const IncomingRequest request{
        .verb = HttpVerb::put,
        .target = "/",
        .headers = {{"Host", "flotilla.example:3000"}, {"Origin", std::string(input)}},
        .body = {},
        .id = {}};
    if (check.refusal(request) || input == "https://friend.example") {
        return;
    }
    const auto origin = parse_origin(input);
    require(origin.has_value(), "what may change things is an origin");
    const bool is_own = origin->authority == Authority{"flotilla.example", "3000"};
    const bool is_public = origin->scheme == "https" && origin->authority.host == "public.example" &&
                           (origin->authority.port.empty() || origin->authority.port == "443");
    require(is_own || is_public, "no foreign origin may change things");
}

}  // namespace

void authority(std::string_view input) {
    switch (take_byte(input) % 3) {
        case 0:
            read_authority(input);
            break;
        case 1:
            check_host(input);
            break;
        default:
            check_origin(input);
    }
}

}  // namespace flotilla::fuzz

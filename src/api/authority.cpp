#include "api/authority.hpp"

#include <algorithm>
#include <array>

#include <arpa/inet.h>

#include "base/letter_case.hpp"

namespace flotilla {

namespace {

bool is_port(std::string_view text) {
    return text.size() <= 5 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_ip(int family, const std::string& host) {
    std::array<unsigned char, sizeof(in6_addr)> address{};
    return ::inet_pton(family, host.c_str(), address.data()) == 1;
}

/// Brackets are for IPv6 alone, and IPv6 comes in brackets alone.
std::optional<Authority> checked(std::string host, bool in_brackets, std::string_view port) {
    const bool is_host = in_brackets ? is_ip(AF_INET6, host)
                                     : !host.empty() && !host.ends_with('.') &&
                                           host.find_first_of(":/?#@[]\\ \t") == std::string::npos;
    if (!is_host || !is_port(port)) {
        return std::nullopt;
    }
    return Authority{std::move(host), std::string(port)};
}

}  // namespace

std::optional<Authority> parse_authority(std::string_view text) {
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos || (end + 1 < text.size() && text[end + 1] != ':')) {
            return std::nullopt;
        }
        const std::string_view rest = text.substr(end + 1);
        return checked(in_lower_case(text.substr(1, end - 1)), true, rest.empty() ? rest : rest.substr(1));
    }
    const auto colon = std::min(text.find(':'), text.size());
    std::string_view host = text.substr(0, colon);
    if (host.ends_with('.')) {
        host.remove_suffix(1);
    }
    return checked(in_lower_case(host), false,
                   colon < text.size() ? text.substr(colon + 1) : std::string_view());
}

std::optional<WebOrigin> parse_origin(std::string_view url) {
    const auto scheme_end = url.find("://");
    if (scheme_end == std::string_view::npos || scheme_end == 0) {
        return std::nullopt;
    }
    const std::string_view rest = url.substr(scheme_end + 3);
    std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    if (const auto user_end = authority.rfind('@'); user_end != std::string_view::npos) {
        authority.remove_prefix(user_end + 1);
    }
    auto parsed = parse_authority(authority);
    if (!parsed) {
        return std::nullopt;
    }
    return WebOrigin{in_lower_case(url.substr(0, scheme_end)), *std::move(parsed)};
}

bool is_ip_literal(const std::string& host) {
    return is_ip(AF_INET, host) || is_ip(AF_INET6, host);
}

}  // namespace flotilla

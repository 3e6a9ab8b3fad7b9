#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace flotilla {

/// Where a server is, as a Host header or a URL says it (RFC 3986, section 3.2).
struct Authority {
    std::string host;  ///< lower case, without the dot of the root at its end; IPv6 without its brackets
    std::string port;  ///< digits; empty: the default of the scheme
    bool operator==(const Authority&) const = default;
};

/// Reads `HOST`, `HOST:PORT`, `[IPV6]` or `[IPV6]:PORT`; nothing if it is none of them.
[[nodiscard]] std::optional<Authority> parse_authority(std::string_view text);

/// Who serves a URL: scheme, host and port (RFC 6454).
struct WebOrigin {
    std::string scheme;  ///< lower case
    Authority authority;
};

/// Reads the front of a URL such as `https://flotilla.example.org/page`; nothing if it is none, as `null`.
[[nodiscard]] std::optional<WebOrigin> parse_origin(std::string_view url);

/// Whether the host is an IPv4 or IPv6 address and not a name.
[[nodiscard]] bool is_ip_literal(const std::string& host);

}  // namespace flotilla

#include "engine/docker/daemon_address.hpp"

#include <charconv>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "base/error.hpp"

namespace flotilla {

namespace {

constexpr std::string_view unix_scheme = "unix://";
constexpr std::string_view tcp_scheme = "tcp://";

bool is_port(std::string_view text) {
    int port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc{} && end == text.data() + text.size() && port >= 1 && port <= 65535;
}

/// Without the port; an IPv6 literal keeps its brackets.
std::string host_of(const std::string& host_and_port) {
    const auto bracket = host_and_port.find(']');
    return host_and_port.substr(0, host_and_port.find(':', bracket == std::string::npos ? 0 : bracket));
}

}  // namespace

DaemonAddress parse_daemon_address(const std::string& text, const std::filesystem::path& certificates) {
    DaemonAddress address;
    address.text = text;
    if (text.starts_with(unix_scheme) && text.size() > unix_scheme.size()) {
        address.unix_socket = text.substr(unix_scheme.size());
        address.url = "http://docker";
        return address;
    }
    std::string host_and_port = text.starts_with(tcp_scheme) ? text.substr(tcp_scheme.size()) : "";
    while (host_and_port.ends_with('/')) {
        host_and_port.pop_back();
    }
    address.host = host_of(host_and_port);
    const std::string_view port = std::string_view(host_and_port).substr(address.host.size());
    if (address.host.empty() || (!port.empty() && !is_port(port.substr(1)))) {
        throw invalid(
            "[{}] is not the address of a Docker daemon: it has to be unix://PATH or tcp://HOST:PORT", text);
    }
    if (host_and_port.size() == address.host.size()) {
        host_and_port += certificates.empty() ? ":2375" : ":2376";
    }
    address.url = fmt::format("{}://{}", certificates.empty() ? "http" : "https", host_and_port);
    if (!certificates.empty()) {
        address.tls = {.authorities = (certificates / "ca.pem").string(),
                       .certificate = (certificates / "cert.pem").string(),
                       .key = (certificates / "key.pem").string()};
    }
    return address;
}

}  // namespace flotilla

#include "engine/docker/daemon_address.hpp"

#include <fmt/format.h>

#include "base/error.hpp"

namespace flotilla {

namespace {

constexpr std::string_view unix_scheme = "unix://";
constexpr std::string_view tcp_scheme = "tcp://";

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
    if (address.host.empty()) {
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

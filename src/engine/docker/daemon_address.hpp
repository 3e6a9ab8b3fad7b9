#pragma once

#include <filesystem>
#include <string>

#include "net/http_client.hpp"

namespace flotilla {

/// Where a Docker daemon is and how it is spoken to.
struct DaemonAddress {
    std::string text;         ///< for people: `unix:///var/run/docker.sock`, `tcp://HOST:2376`
    std::string unix_socket;  ///< its path; empty: it is asked at `url`
    std::string url;          ///< without a path
    std::string host;         ///< the name of its machine; empty: this one
    TlsFiles tls;
};

/// Reads `unix://PATH` or `tcp://HOST[:PORT]`, as `DOCKER_HOST` has them. `certificates` is a folder with
/// `ca.pem`, `cert.pem` and `key.pem`; empty: no TLS. Throws `invalid` if `text` is neither. See
/// https://docs.docker.com/engine/security/protect-access/
[[nodiscard]] DaemonAddress parse_daemon_address(const std::string& text,
                                                 const std::filesystem::path& certificates);

}  // namespace flotilla

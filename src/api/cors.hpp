#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/http.hpp"

namespace flotilla {

/// Lets pages of other origins call the API (Cross-Origin Resource Sharing,
/// https://fetch.spec.whatwg.org/#cors-protocol).
class Cors {
public:
    /// Without origins nothing is ever allowed and preflights are left to the router. `*` is every origin.
    explicit Cors(std::vector<std::string> allowed_origins) : allowed_origins_(std::move(allowed_origins)) {}

    /// The answer if the request is a preflight: always 200, and the allowance only where it is given.
    [[nodiscard]] std::optional<Response> preflight(const IncomingRequest& request) const;

    /// What an answer to a request with these headers says besides.
    [[nodiscard]] Headers headers_for(const Headers& request_headers) const;

    /// Whether pages of the origin may call this server.
    [[nodiscard]] bool allows(std::string_view origin) const;

private:
    std::vector<std::string> allowed_origins_;
};

}  // namespace flotilla

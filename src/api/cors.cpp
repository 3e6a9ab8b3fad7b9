#include "api/cors.hpp"

#include <algorithm>

namespace flotilla {

namespace {

constexpr std::string_view allowed_methods[] = {"GET", "DELETE", "POST", "PUT"};

}  // namespace

bool Cors::allows(std::string_view origin) const {
    return std::any_of(allowed_origins_.begin(), allowed_origins_.end(),
                       [&](const std::string& allowed) { return allowed == "*" || allowed == origin; });
}

std::optional<Response> Cors::preflight(const IncomingRequest& request) const {
    const auto method = find_header(request.headers, "Access-Control-Request-Method");
    if (allowed_origins_.empty() || request.verb != HttpVerb::options || !method) {
        return std::nullopt;
    }
    Response response;
    response.content_type.clear();
    response.headers.emplace_back("Vary",
                                  "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
    const auto origin = find_header(request.headers, "Origin");
    const bool known_method = std::find(std::begin(allowed_methods), std::end(allowed_methods), *method) !=
                              std::end(allowed_methods);
    if (origin && allows(*origin) && known_method) {
        response.headers.emplace_back("Access-Control-Allow-Origin", *origin);
        response.headers.emplace_back("Access-Control-Allow-Methods", "GET, DELETE, POST, PUT");
        response.headers.emplace_back("Access-Control-Allow-Headers",
                                      "Authorization, Content-Type, Idempotency-Key, If-Match, "
                                      "If-None-Match, Last-Event-ID, Range, X-Request-Id");
    }
    return response;
}

Headers Cors::headers_for(const Headers& request_headers) const {
    if (allowed_origins_.empty()) {
        return {};
    }
    Headers headers{{"Vary", "Origin"}};
    const auto origin = find_header(request_headers, "Origin");
    if (origin && allows(*origin)) {
        headers.emplace_back("Access-Control-Allow-Origin", *origin);
        headers.emplace_back("Access-Control-Expose-Headers",
                             "Content-Range, ETag, Retry-After, X-Request-Id");
    }
    return headers;
}

}  // namespace flotilla

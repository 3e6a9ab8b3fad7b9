#include "api/authentication.hpp"

#include <algorithm>
#include <string_view>
#include <variant>

#include "api/cookie.hpp"
#include "base/letter_case.hpp"
#include "base/overloaded.hpp"
#include "base/trimmed.hpp"

namespace flotilla {

namespace {

Response unauthorized(std::string_view message) {
    Response response = error_response(401, message);
    response.headers.emplace_back("WWW-Authenticate", "Bearer");
    return response;
}

/// What follows the scheme `Bearer`; nothing if the field says anything else.
std::optional<std::string_view> bearer_token(std::string_view field) {
    constexpr std::string_view scheme = "Bearer";
    const auto blank = std::min(field.find_first_of(" \t"), field.size());
    const auto token = trimmed(field.substr(blank));
    if (!equal_without_case(field.substr(0, blank), scheme) || token.empty()) {
        return std::nullopt;
    }
    return token;
}

/// A run's token is good for the routes that are its own.
std::optional<Response> refusal_of_run(const RunItself& identity, Access access, const Request& request) {
    if (access == Access::run_itself && request.path_param("run_id") == identity.run.value) {
        return std::nullopt;
    }
    if (access == Access::servers && identity.run == RunTokens::servers()) {
        return std::nullopt;
    }
    return error_response(403,
                          "the token of a run is good for reporting the status of that run only: "
                          "PUT /api/v1/{run_id}/status");
}

}  // namespace

std::optional<Response> Authentication::refusal(Access access, Request& request) const {
    if (authenticator_ == nullptr || access == Access::everybody) {
        return std::nullopt;
    }
    const auto fields = count_headers(request.headers, "Authorization");
    if (fields == 0) {
        return refusal_of_cookie(access, request);
    }
    const auto token = bearer_token(*find_header(request.headers, "Authorization"));
    if (fields > 1 || !token) {
        return unauthorized("the header Authorization is malformed: it has to be Bearer TOKEN, once");
    }
    return refusal(access, *token, request);
}

std::optional<Response> Authentication::refusal_of_cookie(Access access, Request& request) const {
    const auto token = find_cookie(request.headers, session_cookie);
    if (!token) {
        return unauthorized("a token is missing: send the header Authorization: Bearer TOKEN");
    }
    if (is_changing(request.verb) && !find_header(request.headers, "Origin")) {
        return error_response(403,
                              "the cookie of a browser changes nothing without an Origin: programs send the "
                              "header Authorization: Bearer TOKEN");
    }
    return refusal(access, *token, request);
}

std::optional<Response> Authentication::refusal(Access access, std::string_view token,
                                                Request& request) const {
    return std::visit(
        Overloaded{
            [&](const TokenHolder& holder) -> std::optional<Response> {
                request.caller = holder.name;
                return std::nullopt;
            },
            [&](const RunItself& run) { return refusal_of_run(run, access, request); },
            [](const MalformedToken&) -> std::optional<Response> {
                return unauthorized("the token is malformed: tokens begin with flt_ and have 68 characters");
            },
            [](const UnknownToken&) -> std::optional<Response> {
                return unauthorized("the token is not known: it was revoked, or is of another server");
            },
        },
        authenticator_->identify(token));
}

std::optional<Response> Authentication::refusal_of_token(std::string_view token, std::string& name) const {
    Request request;
    auto refused = refusal(Access::token, token, request);
    name = std::move(request.caller);
    return refused;
}

}  // namespace flotilla

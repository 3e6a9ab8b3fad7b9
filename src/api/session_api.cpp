#include "api/session_api.hpp"

#include <string>

#include <fmt/format.h>

#include "base/error.hpp"
#include "wire/answers.hpp"
#include "wire/request_body.hpp"

namespace flotilla {

namespace {

/// Out of reach of scripts, and sent with requests of the server's own pages only. `Secure` where the page
/// came by TLS: the Origin of a page says so, whatever ended the TLS (RFC 6265bis, section 4.1.2).
std::string cookie_text(std::string_view token, std::int64_t seconds, std::string_view path,
                        const Request& request) {
    const bool is_by_tls = find_header(request.headers, "Origin").value_or("").starts_with("https://");
    return fmt::format("{}={}; Path={}; Max-Age={}; HttpOnly; SameSite=Strict{}", session_cookie, token, path,
                       seconds, is_by_tls ? "; Secure" : "");
}

Response sign_in(const Authentication& authentication, std::string_view path, const Request& request) {
    constexpr std::int64_t ninety_days = std::int64_t{90} * 24 * 60 * 60;
    if (!authentication.is_asked_for()) {
        throw invalid("this server asks for no token: auth.mode is none");
    }
    const std::string token = session_body_from_json(request.body);
    std::string name;
    if (auto refusal = authentication.refusal_of_token(token, name)) {
        return *std::move(refusal);
    }
    Response response = json_response(whoami_json(name, "token"));
    response.headers.emplace_back("Set-Cookie", cookie_text(token, ninety_days, path, request));
    return response;
}

Response sign_out(std::string_view path, const Request& request) {
    Response response = json_response(done_json("signed_out"));
    response.headers.emplace_back("Set-Cookie", cookie_text("", 0, path, request));
    return response;
}

}  // namespace

void add_session_routes(Router& router, const Authentication& authentication, const std::string& path) {
    router.add(
        HttpVerb::post, "/api/v1/session",
        [&authentication, path](const Request& request) { return sign_in(authentication, path, request); },
        Access::everybody);
    router.add(
        HttpVerb::delete_, "/api/v1/session",
        [path](const Request& request) { return sign_out(path, request); }, Access::everybody);
    router.add(HttpVerb::get, "/api/v1/whoami", [&authentication](const Request& request) {
        return json_response(whoami_json(request.caller, authentication.is_asked_for() ? "token" : "none"));
    });
}

}  // namespace flotilla

#include "api/document_api.hpp"

#include <functional>

#include <fmt/format.h>

// Made from docs/openapi.yaml by src/api/document.
extern const char flotilla_openapi_json[];
extern const char flotilla_openapi_json_end[];
extern const char flotilla_openapi_page[];
extern const char flotilla_openapi_page_end[];
extern const char flotilla_openapi_policy[];
extern const char flotilla_openapi_policy_end[];

namespace flotilla {

namespace {

/// A page or file that changes only with the program.
struct StaticContent {
    std::string_view body;
    std::string content_type;
    Headers headers;
};

/// Browsers keep it and ask whether it is still right (RFC 9110, section 13).
Response answer(const StaticContent& content, const Request& request) {
    const std::string tag = fmt::format("\"{:016x}\"", std::hash<std::string_view>()(content.body));
    Response response;
    response.headers = content.headers;
    response.headers.emplace_back("ETag", tag);
    response.headers.emplace_back("Cache-Control", "no-cache");
    const auto known = find_header(request.headers, "If-None-Match");
    if (known && (*known == "*" || known->find(tag) != std::string_view::npos)) {
        response.status = 304;
    }
    response.content_type = content.content_type;
    response.body = content.body;
    return response;
}

std::string_view embedded(const char* begin, const char* end) {
    return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

void add_document_routes(Router& router) {
    const StaticContent document{
        embedded(flotilla_openapi_json, flotilla_openapi_json_end), "application/json; charset=utf-8", {}};
    const StaticContent page{embedded(flotilla_openapi_page, flotilla_openapi_page_end),
                             "text/html; charset=utf-8",
                             {{"Content-Security-Policy",
                               std::string(embedded(flotilla_openapi_policy, flotilla_openapi_policy_end))}}};
    router.add(
        HttpVerb::get, "/api/openapi.json",
        [document](const Request& request) { return answer(document, request); }, Access::everybody);
    router.add(
        HttpVerb::get, "/api/docs", [page](const Request& request) { return answer(page, request); },
        Access::everybody);
}

}  // namespace flotilla

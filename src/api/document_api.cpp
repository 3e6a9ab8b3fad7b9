#include "api/document_api.hpp"

#include "api/static_content.hpp"

// Made from docs/openapi.yaml by src/api/document.
extern const char flotilla_openapi_json[];
extern const char flotilla_openapi_json_end[];
extern const char flotilla_openapi_page[];
extern const char flotilla_openapi_page_end[];
extern const char flotilla_openapi_policy[];
extern const char flotilla_openapi_policy_end[];

namespace flotilla {

namespace {

std::string_view embedded(const char* begin, const char* end) {
    return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

void add_document_routes(Router& router) {
    const StaticContent document{embedded(flotilla_openapi_json, flotilla_openapi_json_end),
                                 "application/json; charset=utf-8"};
    const StaticContent page{embedded(flotilla_openapi_page, flotilla_openapi_page_end),
                             "text/html; charset=utf-8",
                             {{"Content-Security-Policy",
                               std::string(embedded(flotilla_openapi_policy, flotilla_openapi_policy_end))}}};
    router.add(
        HttpVerb::get, "/api/openapi.json",
        [document](const Request& request) { return static_response(document, request); }, Access::everybody);
    router.add(
        HttpVerb::get, "/api/docs", [page](const Request& request) { return static_response(page, request); },
        Access::everybody);
}

}  // namespace flotilla

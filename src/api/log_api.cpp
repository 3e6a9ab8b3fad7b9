#include "api/log_api.hpp"

#include <algorithm>

#include "wire/answers.hpp"

namespace flotilla {

namespace {

Response read_log(LogService& logs, const Request& request) {
    const auto token = std::find_if(request.query.begin(), request.query.end(),
                                    [](const auto& pair) { return pair.first == "last_seen"; });
    const LogPage page =
        logs.read({request.path_param("run_id")}, token == request.query.end() ? "" : token->second);
    return json_response(log_json(page.text, page.last_seen));
}

}  // namespace

void add_log_routes(Router& router, LogService& logs) {
    router.add(HttpVerb::get, "/api/v1/{run_id}/logs",
               [&](const Request& request) { return read_log(logs, request); });
}

}  // namespace flotilla

#include "api/api.hpp"

#include "api/definition_api.hpp"
#include "api/log_api.hpp"
#include "api/run_api.hpp"
#include "wire/answers.hpp"

namespace flotilla {

Api::Api(DefinitionService& definitions, RunService& runs, LogService& logs, ApiOptions options)
    : cors_(std::move(options.cors_allowed_origins)) {
    // The first route that fits is taken, so that `GET /api/v1/task/logs` is the definition `logs`.
    add_definition_routes(router_, definitions);
    add_run_routes(router_, definitions, runs);
    add_log_routes(router_, logs);
    router_.add(HttpVerb::get, "/health", [](const Request&) { return json_response(health_json()); });
}

Response Api::answer(IncomingRequest request) const {
    if (auto preflight = cors_.preflight(request)) {
        return *std::move(preflight);
    }
    const Headers headers = cors_.headers_for(request.headers);
    Response response = router_.answer(std::move(request));
    response.headers.insert(response.headers.end(), headers.begin(), headers.end());
    return response;
}

}  // namespace flotilla

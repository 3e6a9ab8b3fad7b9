#include "api/api.hpp"

#include "api/definition_api.hpp"
#include "api/document_api.hpp"
#include "api/log_api.hpp"
#include "api/request_id.hpp"
#include "api/run_api.hpp"
#include "wire/answers.hpp"

namespace flotilla {

Api::Api(const ApiServices& services, ApiOptions options)
    : authentication_(options.authenticator),
      router_(authentication_),
      cors_(std::move(options.cors_allowed_origins)),
      hosts_(options.host_names),
      origins_(options.public_url, cors_) {
    // The first route that fits is taken, so that `GET /api/v1/task/logs` is the definition `logs`.
    add_definition_routes(router_, services.definitions);
    add_run_routes(router_, services.definitions, services.runs, services.waiting);
    add_log_routes(router_, services.logs);
    add_document_routes(router_);
    router_.add(
        HttpVerb::get, "/health", [](const Request&) { return json_response(health_json()); },
        Access::everybody);
    router_.add(
        HttpVerb::get, "/ready",
        [&runs = services.runs](const Request&) {
            runs.check_store();
            return json_response(ready_json());
        },
        Access::everybody);
    router_.add(HttpVerb::get, "/api/v1/whoami", [this](const Request& request) {
        return json_response(whoami_json(request.caller, authentication_.is_asked_for() ? "token" : "none"));
    });
}

/// Answers what this server was meant to get and the sender may ask for.
Response Api::admit(IncomingRequest request) const {
    if (auto refusal = hosts_.refusal(request)) {
        return *std::move(refusal);
    }
    if (auto preflight = cors_.preflight(request)) {
        return *std::move(preflight);
    }
    if (auto refusal = origins_.refusal(request)) {
        return *std::move(refusal);
    }
    const Headers headers = cors_.headers_for(request.headers);
    Response response = router_.answer(std::move(request));
    response.headers.insert(response.headers.end(), headers.begin(), headers.end());
    return response;
}

Response Api::answer(IncomingRequest request) const {
    request.id = request_id(request.headers);
    const std::string id = request.id;
    Response response = admit(std::move(request));
    response.headers.emplace_back(request_id_header, id);
    return response;
}

}  // namespace flotilla

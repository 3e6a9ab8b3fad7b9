#include "api/api.hpp"

#include "api/access_log.hpp"
#include "api/definition_api.hpp"
#include "api/document_api.hpp"
#include "api/log_api.hpp"
#include "api/operations_api.hpp"
#include "api/request_id.hpp"
#include "api/run_api.hpp"
#include "api/session_api.hpp"
#include "api/target.hpp"
#include "base/log.hpp"

namespace flotilla {

Api::Api(const ApiServices& services, HttpMetrics& metrics, ApiOptions options)
    : metrics_(metrics),
      base_path_(std::move(options.base_path)),
      authentication_(options.authenticator),
      router_(authentication_),
      cors_(std::move(options.cors_allowed_origins)),
      hosts_(options.host_names),
      origins_(options.public_url, cors_) {
    // The first route that fits is taken, so that `GET /api/v1/task/logs` is the definition `logs`.
    add_definition_routes(router_, services.definitions, services.images);
    add_run_routes(router_, services.definitions, services.runs, services.waiting);
    add_log_routes(router_, services.logs);
    add_document_routes(router_);
    add_operations_routes(router_, services.readiness, services.metrics);
    if (options.page != nullptr) {
        router_.set_fallback([page = options.page](const auto& segments, const Request& request) {
            return page->answer(segments, request);
        });
    }
    add_session_routes(router_, authentication_, base_path_ + "/");
}

/// Answers what this server was meant to get and the sender may ask for.
Response Api::admit(IncomingRequest& request, Handling& handling) const {
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
    Response response = router_.answer(request, handling);
    response.headers.insert(response.headers.end(), headers.begin(), headers.end());
    return response;
}

Response Api::answer(IncomingRequest request) const {
    request.id = request_id(request.headers);
    request.target = std::string(below_base_path(request.target, base_path_));
    const LogScope scope{"request_id", request.id};
    Handling handling;
    Response response = admit(request, handling);
    response.headers.emplace_back(request_id_header, request.id);
    const auto duration = std::chrono::steady_clock::now() - request.received;
    metrics_.answered(handling.route, request.verb, response.status, duration);
    log_answer(request, handling, response, std::chrono::floor<std::chrono::microseconds>(duration));
    return response;
}

}  // namespace flotilla

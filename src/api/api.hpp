#pragma once

#include <string>
#include <vector>

#include "api/authentication.hpp"
#include "api/cors.hpp"
#include "api/host_check.hpp"
#include "api/http_metrics.hpp"
#include "api/origin_check.hpp"
#include "api/router.hpp"
#include "api/web_page.hpp"
#include "service/definition_service.hpp"
#include "service/image_service.hpp"
#include "service/log_service.hpp"
#include "service/metrics_service.hpp"
#include "service/readiness_service.hpp"
#include "service/run_service.hpp"
#include "service/waiting_service.hpp"

namespace flotilla {

struct ApiOptions {
    std::vector<std::string> cors_allowed_origins{};  ///< empty: pages of other origins are not let in
    std::vector<std::string> host_names{};            ///< what a Host header may say, see `HostCheck`
    std::string public_url{};                         ///< empty: none
    std::string base_path{};                          ///< with no slash at its end; empty: none
    Authenticator* authenticator = nullptr;           ///< outlives the API; null: everybody may use it
    const WebPage* page = nullptr;                    ///< outlives the API; null: there is none
};

/// What the routes call.
struct ApiServices {
    DefinitionService& definitions;
    RunService& runs;
    WaitingService& waiting;
    LogService& logs;
    ReadinessService& readiness;
    MetricsService& metrics;
    ImageService& images;
};

/// Every route of the public HTTP API. Services and metrics outlive this object.
class Api {
public:
    Api(const ApiServices& services, HttpMetrics& metrics, ApiOptions options);
    Api(const Api&) = delete;
    Api& operator=(const Api&) = delete;

    /// Answers a request. Safe to call from any thread; never throws.
    [[nodiscard]] Response answer(IncomingRequest request) const;

    /// Every route, see `Router::routes`.
    [[nodiscard]] std::vector<std::string> routes() const { return router_.routes(); }

private:
    [[nodiscard]] Response admit(IncomingRequest& request, Handling& handling) const;

    HttpMetrics& metrics_;
    std::string base_path_;
    Authentication authentication_;
    Router router_;
    Cors cors_;
    HostCheck hosts_;
    OriginCheck origins_;
};

}  // namespace flotilla

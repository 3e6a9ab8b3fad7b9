#pragma once

#include <string>
#include <vector>

#include "api/cors.hpp"
#include "api/router.hpp"
#include "service/definition_service.hpp"
#include "service/log_service.hpp"
#include "service/run_service.hpp"

namespace flotilla {

struct ApiOptions {
    std::vector<std::string> cors_allowed_origins;  ///< empty: pages of other origins are not let in
};

/// Every route of the public HTTP API. The services outlive this object.
class Api {
public:
    Api(DefinitionService& definitions, RunService& runs, LogService& logs, ApiOptions options);

    /// Answers a request. Safe to call from any thread; never throws.
    [[nodiscard]] Response answer(IncomingRequest request) const;

private:
    Router router_;
    Cors cors_;
};

}  // namespace flotilla

#pragma once

#include "api/router.hpp"
#include "service/definition_service.hpp"
#include "service/run_service.hpp"
#include "service/waiting_service.hpp"

namespace flotilla {

/// The routes of runs and clusters. The services outlive the router.
void add_run_routes(Router& router, DefinitionService& definitions, RunService& runs,
                    WaitingService& waiting);

}  // namespace flotilla

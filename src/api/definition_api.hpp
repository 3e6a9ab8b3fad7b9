#pragma once

#include "api/router.hpp"
#include "service/definition_service.hpp"
#include "service/image_service.hpp"

namespace flotilla {

/// The routes of definitions, groups and tags. The service outlives the router.
void add_definition_routes(Router& router, DefinitionService& definitions, ImageService& images);

}  // namespace flotilla

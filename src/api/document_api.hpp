#pragma once

#include "api/router.hpp"

namespace flotilla {

/// The routes of the API's own documentation, docs/openapi.yaml, which this program carries.
void add_document_routes(Router& router);

}  // namespace flotilla

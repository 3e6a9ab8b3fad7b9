#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "api/http.hpp"
#include "core/list_query.hpp"

namespace flotilla {

/// A request as handlers see it.
struct Request {
    HttpVerb verb = HttpVerb::get;  ///< HEAD too, where the route is one for GET
    std::map<std::string, std::string, std::less<>> path_params;  ///< unescaped, by the name in the route
    QueryParameters query;
    Headers headers;
    std::string body;
    std::string caller{};  ///< the name of whoever sends it; empty: nobody known

    /// The parameter that the route names.
    [[nodiscard]] const std::string& path_param(std::string_view name) const {
        return path_params.find(name)->second;
    }
};

/// Answers a request; throws an `Error` that is meant for its sender.
using Handler = std::function<Response(const Request&)>;

}  // namespace flotilla

#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "api/http.hpp"

namespace flotilla {

/// A request as handlers see it.
struct Request {
    HttpVerb verb = HttpVerb::get;
    std::map<std::string, std::string, std::less<>> path_params;  ///< unescaped, by the name in the route
    QueryParameters query;
    Headers headers;
    std::string body;

    /// The parameter that the route names.
    [[nodiscard]] const std::string& path_param(std::string_view name) const {
        return path_params.find(name)->second;
    }
};

/// Answers a request; throws an `Error` that is meant for its sender.
using Handler = std::function<Response(const Request&)>;

/// Finds the handler of a request: routes are tried in the order in which they were added.
class Router {
public:
    /// `pattern` is a path; a segment such as `{run_id}` stands for any one and is passed by that name.
    void add(HttpVerb verb, std::string_view pattern, Handler handler);

    /// Answers every request and never throws: an `Error` becomes 400, 404, 409 or 503, whatever else a
    /// handler throws is logged and becomes 500. HEAD is answered as GET; leaving the body out is up to the
    /// caller.
    [[nodiscard]] Response answer(IncomingRequest request) const;

private:
    struct Route {
        HttpVerb verb;
        std::vector<std::string> segments;
        Handler handler;
    };

    [[nodiscard]] Response dispatch(IncomingRequest& request) const;

    std::vector<Route> routes_;
};

}  // namespace flotilla

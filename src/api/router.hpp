#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/authentication.hpp"
#include "api/request.hpp"

namespace flotilla {

/// Finds the handler of a request: routes are tried in the order in which they were added.
class Router {
public:
    /// `authentication` outlives this object.
    explicit Router(const Authentication& authentication) : authentication_(authentication) {}

    /// `pattern` is a path; a segment such as `{run_id}` stands for any one and is passed by that name.
    void add(HttpVerb verb, std::string_view pattern, Handler handler, Access access = Access::token);

    /// What answers a GET outside /api that fits no route, by the segments of its path; nothing: 404 as ever.
    /// To a path with a slash at its end the answer is the way to the one without, where there is anything.
    using Fallback =
        std::function<std::optional<Response>(const std::vector<std::string>& segments, const Request&)>;
    void set_fallback(Fallback fallback) { fallback_ = std::move(fallback); }

    /// Answers every request and never throws: what `authentication` refuses never comes to a handler; an
    /// `Error` becomes 400, 404, 409, 412 or 503, whatever else a handler throws is logged and becomes 500.
    /// HEAD is answered as GET; leaving the body out is up to the caller. Takes headers and body out of the
    /// request, and says in `handling` what became of it.
    [[nodiscard]] Response answer(IncomingRequest& request, Handling& handling) const;

    /// Every route as `GET /api/v1/history/{run_id}`, in the order in which they are tried.
    [[nodiscard]] std::vector<std::string> routes() const;

private:
    struct Route {
        HttpVerb verb;
        std::string pattern;
        std::vector<std::string> segments;
        Handler handler;
        Access access;
    };

    [[nodiscard]] Response dispatch(IncomingRequest& request, Handling& handling) const;
    [[nodiscard]] std::optional<Response> without_slash(const IncomingRequest& request) const;

    const Authentication& authentication_;
    std::vector<Route> routes_;
    Fallback fallback_;
};

}  // namespace flotilla

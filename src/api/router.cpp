#include "api/router.hpp"

#include <algorithm>
#include <exception>
#include <optional>

#include <fmt/format.h>

#include "api/target.hpp"
#include "base/error.hpp"
#include "base/log.hpp"

namespace flotilla {

namespace {

bool is_parameter(std::string_view segment) {
    return segment.starts_with('{');
}

bool matches(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
    return std::equal(pattern.begin(), pattern.end(), path.begin(), path.end(),
                      [](const std::string& expected, const std::string& actual) {
                          return is_parameter(expected) || expected == actual;
                      });
}

bool is_of_api(const Target& target) {
    return !target.segments.empty() && target.segments[0] == "api";
}

/// Strangers do not learn what the API lacks either.
Access access_to_nothing(const Target& target) {
    return is_of_api(target) ? Access::token : Access::everybody;
}

/// The run that the path names, if that can be the id of one: whatever else stands there says nothing.
std::string run_id_of(const Request& request) {
    constexpr std::size_t longest = 64;
    const auto found = request.path_params.find("run_id");
    const bool may_be_one =
        found != request.path_params.end() && found->second.size() <= longest &&
        std::all_of(found->second.begin(), found->second.end(), [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
        });
    return may_be_one ? found->second : std::string();
}

int status_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::invalid:
            return 400;
        case ErrorKind::not_found:
            return 404;
        case ErrorKind::conflict:
            return 409;
        case ErrorKind::outdated:
            return 412;
        case ErrorKind::unavailable:
            return 503;
    }
    return 500;
}

Response response_to(const Error& error) {
    Response response = error_response(status_of(error.kind()), error.what());
    if (error.kind() == ErrorKind::unavailable) {
        response.headers.emplace_back("Retry-After", "1");
    }
    return response;
}

Response internal_error(const IncomingRequest& request, std::string_view what) {
    log_error("internal error while answering {}: {}", path_of(request.target), what);
    return error_response(500, "internal error");
}

}  // namespace

void Router::add(HttpVerb verb, std::string_view pattern, Handler handler, Access access) {
    routes_.push_back(
        {verb, std::string(pattern), parse_target(pattern).segments, std::move(handler), access});
}

std::vector<std::string> Router::routes() const {
    std::vector<std::string> names;
    for (const Route& route : routes_) {
        names.push_back(fmt::format("{} {}", name_of(route.verb), route.pattern));
    }
    return names;
}

std::optional<Response> Router::without_slash(const IncomingRequest& request) const {
    const auto path = path_of(request.target);
    const bool is_read = request.verb == HttpVerb::get || request.verb == HttpVerb::head;
    if (!fallback_ || !is_read || path.size() < 2 || !path.starts_with('/') || !path.ends_with('/')) {
        return std::nullopt;
    }
    const auto place = path.substr(0, path.size() - 1);
    const Target target = parse_target(place);
    if (is_of_api(target)) {
        return std::nullopt;
    }
    auto response = fallback_(target.segments, Request{request.verb, {}, {}, request.headers, {}});
    if (response && response->status != 404) {  // seen from there, as a proxy may serve it below another path
        Response redirection;
        redirection.status = 308;
        redirection.content_type = "text/html; charset=utf-8";
        redirection.headers.emplace_back(
            "Location",
            fmt::format("../{}{}", place.substr(place.rfind('/') + 1), request.target.substr(path.size())));
        return redirection;
    }
    return response;
}

Response Router::dispatch(IncomingRequest& request, Handling& handling) const {
    if (auto response = without_slash(request)) {
        return *std::move(response);
    }
    Target target = parse_target(request.target);
    const HttpVerb verb = request.verb == HttpVerb::head ? HttpVerb::get : request.verb;
    const auto route = std::find_if(routes_.begin(), routes_.end(), [&](const Route& candidate) {
        return candidate.verb == verb && matches(candidate.segments, target.segments);
    });
    const bool is_known = route != routes_.end();
    Request routed{
        request.verb, {}, std::move(target.query), std::move(request.headers), std::move(request.body)};
    for (std::size_t i = 0; is_known && i < route->segments.size(); ++i) {
        const std::string& name = route->segments[i];
        if (is_parameter(name)) {
            routed.path_params.emplace(name.substr(1, name.size() - 2), std::move(target.segments[i]));
        }
    }
    if (is_known) {
        handling.route = route->pattern;
        handling.run_id = run_id_of(routed);
    }
    auto refusal = authentication_.refusal(is_known ? route->access : access_to_nothing(target), routed);
    handling.caller = routed.caller;
    if (refusal) {
        return *std::move(refusal);
    }
    if (!is_known && fallback_ && verb == HttpVerb::get && !is_of_api(target)) {
        if (auto response = fallback_(target.segments, routed)) {
            return *std::move(response);
        }
    }
    if (!is_known) {
        throw not_found("there is no such route for this method: /api/docs lists what there is");
    }
    return route->handler(routed);
}

Response Router::answer(IncomingRequest& request, Handling& handling) const {
    try {
        return dispatch(request, handling);
    } catch (const Error& error) {
        return response_to(error);
    } catch (const std::exception& error) {
        return internal_error(request, error.what());
    } catch (...) {
        return internal_error(request, "an exception of no known type");
    }
}

}  // namespace flotilla

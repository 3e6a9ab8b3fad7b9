#include "api/router.hpp"

#include <algorithm>
#include <exception>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

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

/// Strangers do not learn what the API lacks either.
Access access_to_nothing(const Target& target) {
    return !target.segments.empty() && target.segments[0] == "api" ? Access::token : Access::everybody;
}

int status_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::invalid:
            return 400;
        case ErrorKind::not_found:
            return 404;
        case ErrorKind::conflict:
            return 409;
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
    log_error("internal error while answering {} (request {}): {}", request.target, request.id, what);
    return error_response(500, "internal error");
}

}  // namespace

void Router::add(HttpVerb verb, std::string_view pattern, Handler handler, Access access) {
    routes_.push_back({verb, parse_target(pattern).segments, std::move(handler), access});
}

std::vector<std::string> Router::routes() const {
    std::vector<std::string> names;
    for (const Route& route : routes_) {
        names.push_back(fmt::format("{} /{}", name_of(route.verb), fmt::join(route.segments, "/")));
    }
    return names;
}

Response Router::dispatch(IncomingRequest& request) const {
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
    if (auto refusal =
            authentication_.refusal(is_known ? route->access : access_to_nothing(target), routed)) {
        return *std::move(refusal);
    }
    if (!is_known) {
        throw not_found("there is no such route: the API is below /api/v1");
    }
    return route->handler(routed);
}

Response Router::answer(IncomingRequest request) const {
    try {
        return dispatch(request);
    } catch (const Error& error) {
        return response_to(error);
    } catch (const std::exception& error) {
        return internal_error(request, error.what());
    } catch (...) {
        return internal_error(request, "an exception of no known type");
    }
}

}  // namespace flotilla

#include "api/access_log.hpp"

#include "api/target.hpp"
#include "base/log.hpp"

namespace flotilla {

namespace {

constexpr std::size_t longest_target = 200;

/// Something only if no route tells what was asked for. Never the query, which may hold anything.
std::optional<std::string_view> shown_target(const IncomingRequest& request, const Handling& handling) {
    return handling.route.empty() ? std::optional(path_of(request.target).substr(0, longest_target))
                                  : std::nullopt;
}

std::optional<std::string_view> unless_empty(std::string_view text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

/// The length of the body; nothing for a stream that nobody knows the end of.
std::optional<std::uint64_t> body_length(const Response& response) {
    return response.stream ? response.stream->length() : std::optional<std::uint64_t>(response.body.size());
}

}  // namespace

void log_answer(const IncomingRequest& request, const Handling& handling, const Response& response,
                std::chrono::microseconds duration) {
    const bool is_remarkable = is_changing(request.verb) || response.status >= 400;
    log_event(is_remarkable ? LogLevel::info : LogLevel::debug, "request",
              {{"method", name_of(request.verb)},
               {"route", unless_empty(handling.route)},
               {"target", shown_target(request, handling)},
               {"run_id", unless_empty(handling.run_id)},
               {"status", response.status},
               {"duration_ms", duration},
               {"bytes", body_length(response)},
               {"caller", handling.caller}});
}

}  // namespace flotilla

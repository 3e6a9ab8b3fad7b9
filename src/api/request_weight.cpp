#include "api/request_weight.hpp"

#include <charconv>

#include "api/target.hpp"

namespace flotilla {

namespace {

constexpr int most_rows_of_a_short_list = 100;

/// Whether the query asks for no more; without a limit it asks for a thousand.
bool is_of_few_rows(std::string_view query) {
    constexpr std::string_view name = "limit=";
    const auto begin = query.find(name);
    if (begin == std::string_view::npos) {
        return false;
    }
    const auto text = query.substr(begin + name.size());
    int limit = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), limit);
    return result.ec == std::errc{} && limit <= most_rows_of_a_short_list;
}

}  // namespace

bool may_be_long(const IncomingRequest& request) {
    if (request.verb != HttpVerb::get && request.verb != HttpVerb::head) {
        return false;
    }
    const std::string_view path = path_of(request.target);
    if (path.ends_with("/logs") || path.ends_with("/logs/lines") || path.ends_with("/logs/search")) {
        return true;
    }
    const bool is_list = path.ends_with("/history") || path.ends_with("/task") || path.ends_with("/groups") ||
                         path.ends_with("/tags");
    return is_list && !is_of_few_rows(std::string_view(request.target).substr(path.size()));
}

}  // namespace flotilla

#include "net/aws/json_fields.hpp"

#include <boost/json.hpp>

#include "base/time_text.hpp"

namespace flotilla::aws {

namespace json = boost::json;

std::string text(const json::object& object, std::string_view name) {
    const json::value* const value = object.if_contains(name);
    return value != nullptr && value->is_string() ? json::value_to<std::string>(*value) : "";
}

std::optional<std::int64_t> integer(const json::object& object, std::string_view name) {
    const json::value* const value = object.if_contains(name);
    return value != nullptr && value->is_int64() ? std::optional(value->get_int64()) : std::nullopt;
}

std::optional<TimePoint> time(const json::object& object, std::string_view name) {
    const json::value* const value = object.if_contains(name);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (value->is_number()) {
        constexpr double latest = 1e11;  // seconds: the year 5138
        const double seconds = value->to_number<double>();
        if (!(seconds >= 0 && seconds <= latest)) {
            return std::nullopt;
        }
        return TimePoint(
            std::chrono::round<std::chrono::microseconds>(std::chrono::duration<double>(seconds)));
    }
    return parse_time(text(object, name));
}

const json::array& list(const json::object& object, std::string_view name) {
    static const json::array none;
    const json::value* const value = object.if_contains(name);
    return value != nullptr && value->is_array() ? value->get_array() : none;
}

const json::object& object(const json::object& object, std::string_view name) {
    static const json::object none;
    const json::value* const value = object.if_contains(name);
    return value != nullptr && value->is_object() ? value->get_object() : none;
}

const json::object& object(const json::value& value) {
    static const json::object none;
    return value.is_object() ? value.get_object() : none;
}

std::string name_in_arn(std::string_view arn) {
    return std::string(arn.substr(arn.rfind('/') + 1));
}

json::array to_array(std::span<const std::string> texts) {
    return json::array(texts.begin(), texts.end());
}

std::optional<json::object> parse_object(std::string_view text) {
    json::error_code error;
    json::value value = json::parse(text, error);
    return error || !value.is_object() ? std::nullopt : std::optional(std::move(value.get_object()));
}

}  // namespace flotilla::aws

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/clock.hpp"

namespace flotilla::aws {

// What AWS answers is read with tolerance: a field that is missing or of another type reads as empty.

[[nodiscard]] std::string text(const boost::json::object& object, std::string_view name);
[[nodiscard]] std::optional<std::int64_t> integer(const boost::json::object& object, std::string_view name);
/// A text of RFC 3339, as in events, or seconds since 1970, as in answers.
[[nodiscard]] std::optional<TimePoint> time(const boost::json::object& object, std::string_view name);
[[nodiscard]] const boost::json::array& list(const boost::json::object& object, std::string_view name);
[[nodiscard]] const boost::json::object& object(const boost::json::object& object, std::string_view name);
/// An element of a list, where that holds objects.
[[nodiscard]] const boost::json::object& object(const boost::json::value& value);
/// The last part of an ARN that has several: of a task or a cluster its own name.
[[nodiscard]] std::string name_in_arn(std::string_view arn);
[[nodiscard]] boost::json::array to_array(std::span<const std::string> texts);
/// The object that a text is in JSON; nothing if it is none.
[[nodiscard]] std::optional<boost::json::object> parse_object(std::string_view text);

}  // namespace flotilla::aws

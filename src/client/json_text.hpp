#pragma once

#include <string_view>

#include <boost/json/fwd.hpp>

namespace flotilla {

/// Reads a JSON text. Throws `invalid` that names the line and the column of a mistake.
[[nodiscard]] boost::json::value parse_json_text(std::string_view text);

/// Reads a server's answer, which has to be an object. Throws `unavailable` if it is none.
[[nodiscard]] boost::json::object parse_answer(std::string_view text);

/// The member as text; empty if it is absent or not a string.
[[nodiscard]] std::string_view text_member(const boost::json::object& object, std::string_view name);

}  // namespace flotilla

#pragma once

#include <string>

#include <boost/json/value.hpp>

namespace flotilla::document {

/// The JSON that a YAML 1.2 document means, members in its order. Throws `std::runtime_error` with the place
/// of a mistake; a repeated key and a key without a value are mistakes too, as they are seldom meant.
[[nodiscard]] boost::json::value json_from_yaml(const std::string& text);

}  // namespace flotilla::document

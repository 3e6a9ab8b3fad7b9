#pragma once

#include <string>
#include <string_view>

namespace flotilla {

/// The text of the first element of that name in an XML answer of AWS, where elements that are asked for hold
/// text alone; empty if there is none.
[[nodiscard]] std::string xml_text(std::string_view xml, std::string_view name);

}  // namespace flotilla

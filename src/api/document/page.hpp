#pragma once

#include <string>
#include <string_view>

#include <boost/json/object.hpp>

namespace flotilla::document {

/// An OpenAPI document as one HTML page for people, with `style` within it. Throws `std::runtime_error` if a
/// reference in the document leads nowhere.
[[nodiscard]] std::string page_html(const boost::json::object& document, std::string_view style);

/// The Content-Security-Policy under which a page with this style works: nothing but the style is let in
/// (https://www.w3.org/TR/CSP3/#match-element-to-source-list).
[[nodiscard]] std::string page_policy(std::string_view style);

}  // namespace flotilla::document

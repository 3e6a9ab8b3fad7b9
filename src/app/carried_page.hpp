#pragma once

#include <optional>
#include <string_view>

#include "api/web_page.hpp"

namespace flotilla {

/// The web page that this program carries, see `WebPage`; none if it was built without (FLOTILLA_PAGE).
[[nodiscard]] std::optional<WebPage> carried_page(std::string_view base_path);

}  // namespace flotilla

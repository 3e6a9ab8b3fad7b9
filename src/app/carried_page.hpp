#pragma once

#include <optional>

#include "api/web_page.hpp"

namespace flotilla {

/// The web page that this program carries; none if it was built without (FLOTILLA_PAGE).
[[nodiscard]] std::optional<WebPage> carried_page();

}  // namespace flotilla

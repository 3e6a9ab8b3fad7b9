#include "app/carried_page.hpp"

// Made of ui/ by tools/build_ui.
extern const char flotilla_page[];
extern const char flotilla_page_end[];

namespace flotilla {

std::optional<WebPage> carried_page(std::string_view base_path) {
    const std::string_view bundle(flotilla_page, static_cast<std::size_t>(flotilla_page_end - flotilla_page));
    return bundle.empty() ? std::nullopt : std::optional<WebPage>(std::in_place, bundle, base_path);
}

}  // namespace flotilla

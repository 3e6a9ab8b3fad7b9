#pragma once

#include <string>
#include <string_view>

namespace flotilla::document {

/// Text as HTML, with what has a meaning there escaped.
[[nodiscard]] std::string escaped(std::string_view text);

/// Markdown with tables (https://github.github.com/gfm/) as HTML; raw HTML in it is left out.
[[nodiscard]] std::string html_from_markdown(std::string_view markdown);

/// The same for one line that stands within a sentence or a cell, so without a paragraph around it.
[[nodiscard]] std::string html_from_line(std::string_view markdown);

/// What a heading is called in links: lower case, hyphens between words.
[[nodiscard]] std::string anchor_of(std::string_view heading);

}  // namespace flotilla::document

#include "api/document/markdown.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <stdexcept>

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>

#include "base/letter_case.hpp"

namespace flotilla::document {

std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : text) {
        switch (c) {
            case '&':
                result += "&amp;";
                break;
            case '<':
                result += "&lt;";
                break;
            case '>':
                result += "&gt;";
                break;
            case '"':
                result += "&quot;";
                break;
            default:
                result += c;
        }
    }
    return result;
}

std::string html_from_markdown(std::string_view markdown) {
    cmark_gfm_core_extensions_ensure_registered();
    const std::unique_ptr<cmark_parser, decltype(&cmark_parser_free)> parser(
        cmark_parser_new(CMARK_OPT_DEFAULT), &cmark_parser_free);
    cmark_syntax_extension* tables = cmark_find_syntax_extension("table");
    if (tables == nullptr || cmark_parser_attach_syntax_extension(parser.get(), tables) == 0) {
        throw std::runtime_error("this build of cmark-gfm knows no tables");
    }
    cmark_parser_feed(parser.get(), markdown.data(), markdown.size());
    const std::unique_ptr<cmark_node, decltype(&cmark_node_free)> root(cmark_parser_finish(parser.get()),
                                                                       &cmark_node_free);
    const std::unique_ptr<char, decltype(&std::free)> html(
        cmark_render_html(root.get(), CMARK_OPT_DEFAULT, cmark_parser_get_syntax_extensions(parser.get())),
        &std::free);
    return html.get();
}

std::string html_from_line(std::string_view markdown) {
    std::string html = html_from_markdown(markdown);
    constexpr std::string_view begin = "<p>";
    constexpr std::string_view end = "</p>\n";
    const bool is_one_paragraph =
        html.starts_with(begin) && html.ends_with(end) && html.find(begin, 1) == std::string::npos;
    return is_one_paragraph ? html.substr(begin.size(), html.size() - begin.size() - end.size()) : html;
}

std::string anchor_of(std::string_view heading) {
    std::string anchor = in_lower_case(heading);
    std::ranges::replace(anchor, ' ', '-');
    return anchor;
}

}  // namespace flotilla::document

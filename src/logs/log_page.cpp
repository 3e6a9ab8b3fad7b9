#include "logs/log_page.hpp"

#include "base/utf8.hpp"

namespace flotilla {

namespace {

/// How many of the bytes make a page: whole lines, or all that there is once nothing more is written, or as
/// much of an overlong line as fits.
std::size_t page_length(std::string_view bytes, std::size_t most, bool at_end) {
    if (at_end && bytes.size() < most) {
        return bytes.size();
    }
    const auto last_line_end = bytes.rfind('\n');
    if (last_line_end != std::string_view::npos) {
        return last_line_end + 1;
    }
    return bytes.size() < most ? 0 : whole_characters(bytes);
}

}  // namespace

LogPage cut_page(std::string_view bytes, std::size_t most, bool at_end) {
    std::size_t length = page_length(bytes, most, at_end);
    LogPage page;
    page.text = as_utf8(bytes.substr(0, length));
    if (page.text.size() > most) {
        // Replaced bytes are three times as long: a third of them surely fits.
        const auto third = bytes.substr(0, most / 3);
        const auto line_end = third.rfind('\n');
        length = line_end == std::string_view::npos ? whole_characters(third) : line_end + 1;
        page.text = as_utf8(bytes.substr(0, length));
    }
    page.length = static_cast<std::int64_t>(length);
    const auto rest = bytes.substr(length);
    if (bytes.size() < most && rest.find('\n') == std::string_view::npos) {
        page.rest = rest;
    }
    if (page.text.ends_with('\n')) {
        page.text.pop_back();
    } else {
        page.is_cut = length > 0 && (length < bytes.size() || bytes.size() == most);
    }
    return page;
}

}  // namespace flotilla

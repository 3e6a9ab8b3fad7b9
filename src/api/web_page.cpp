#include "api/web_page.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "api/target.hpp"
#include "base/letter_case.hpp"

namespace flotilla {

namespace {

constexpr std::string_view document_path = "/index.html";
/// Files whose names hold a hash of what they contain.
constexpr std::string_view hashed_folder = "/assets/";

/// Everything comes from this server, scripts and styles only as files. Styles that a script sets on elements
/// are no inline styles (https://www.w3.org/TR/CSP3/#directive-style-src).
constexpr std::string_view policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Takes text up to `end`, and `end`, from the front.
std::string_view take_until(std::string_view& text, char end) {
    const auto at = text.find(end);
    if (at == std::string_view::npos) {
        throw std::invalid_argument("the web page that this program carries is damaged");
    }
    const auto taken = text.substr(0, at);
    text.remove_prefix(at + 1);
    return taken;
}

std::size_t size_of(std::string_view text) {
    std::size_t size = 0;
    std::from_chars(text.data(), text.data() + text.size(), size);
    return size;
}

std::string_view take(std::string_view& bytes, std::size_t size) {
    if (bytes.size() < size) {
        throw std::invalid_argument("the web page that this program carries is not whole");
    }
    const auto taken = bytes.substr(0, size);
    bytes.remove_prefix(size);
    return taken;
}

struct FileLine {
    std::string path;
    std::string content_type;
    std::size_t size;
    std::size_t gzipped_size;
};

bool fits(const std::vector<std::string>& view, const std::vector<std::string>& path) {
    return std::equal(view.begin(), view.end(), path.begin(), path.end(),
                      [](const std::string& pattern, const std::string& actual) {
                          return pattern.starts_with('{') || pattern == actual;
                      });
}

}  // namespace

WebPage::WebPage(std::string_view bundle, std::string_view base_path) {
    std::vector<FileLine> lines;
    for (auto line = take_until(bundle, '\n'); !line.empty(); line = take_until(bundle, '\n')) {
        if (take_until(line, '\t') == "view") {
            views_.push_back(parse_target(line).segments);
            continue;
        }
        std::string path(take_until(line, '\t'));
        std::string content_type(take_until(line, '\t'));
        const std::size_t size = size_of(take_until(line, '\t'));
        lines.push_back({std::move(path), std::move(content_type), size, size_of(line)});
    }
    for (FileLine& line : lines) {
        StaticContent file{.body = take(bundle, line.size),
                           .content_type = std::move(line.content_type),
                           .gzipped = take(bundle, line.gzipped_size),
                           .is_immutable = line.path.starts_with(hashed_folder)};
        if (line.path == document_path) {
            file.headers = {{"Content-Security-Policy", std::string(policy)}};
        }
        files_.emplace(std::move(line.path), std::move(file));
    }
    if (!files_.contains(std::string(document_path))) {
        throw std::invalid_argument("the web page that this program carries has no index.html");
    }
    if (!base_path.empty()) {
        move_document(base_path);
    }
}

/// The document alone says where the page is: its attributes that begin with `/`. What it loads is found from
/// there.
void WebPage::move_document(std::string_view base_path) {
    constexpr std::string_view from = "=\"/";
    StaticContent& document = files_.find(std::string(document_path))->second;
    std::string text(document.body);
    const std::string to = fmt::format("=\"{}/", base_path);
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
    moved_document_ = std::make_unique<const std::string>(std::move(text));
    document.body = *moved_document_;
    document.gzipped = {};
}

std::optional<Response> WebPage::answer(const std::vector<std::string>& segments,
                                        const Request& request) const {
    const auto file = files_.find(fmt::format("/{}", fmt::join(segments, "/")));
    if (file != files_.end()) {
        return static_response(file->second, request);
    }
    const StaticContent& document = files_.find(std::string(document_path))->second;
    if (std::any_of(views_.begin(), views_.end(), [&](const auto& view) { return fits(view, segments); })) {
        return static_response(document, request);
    }
    if (find_header(request.headers, "Accept").value_or("").find("text/html") == std::string_view::npos) {
        return std::nullopt;
    }
    Request anew = request;
    std::erase_if(anew.headers,
                  [](const auto& header) { return equal_without_case(header.first, "If-None-Match"); });
    Response response = static_response(document, anew);
    response.status = 404;
    return response;
}

}  // namespace flotilla

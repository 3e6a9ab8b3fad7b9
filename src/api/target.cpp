#include "api/target.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/utf8.hpp"

namespace flotilla {

namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

enum class Plus { plus, space };

/// `where` names the part in messages.
std::string unescaped(std::string_view text, std::string_view where, Plus plus) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '+' && plus == Plus::space) {
            result += ' ';
        } else if (text[at] != '%') {
            result += text[at];
        } else {
            const int high = at + 2 < text.size() ? hex_digit(text[at + 1]) : -1;
            const int low = at + 2 < text.size() ? hex_digit(text[at + 2]) : -1;
            if (high < 0 || low < 0) {
                throw invalid("bad escape [{}] in the {}: write a percent sign as %25", text.substr(at, 3),
                              where);
            }
            result += static_cast<char>(high * 16 + low);
            at += 2;
        }
    }
    if (result.find('\0') != std::string::npos || !is_utf8(result)) {
        throw invalid("the {} must be UTF-8 without NUL", where);
    }
    return result;
}

/// Calls `use` with each part of `text` between separators.
template <typename Use>
void split(std::string_view text, char separator, Use use) {
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(separator, begin), text.size());
        use(text.substr(begin, end - begin));
        begin = end + 1;
    }
}

/// Takes `http://host` off an absolute form.
std::string_view origin_form(std::string_view target) {
    if (target.starts_with('/')) {
        return target;
    }
    const auto scheme_end = target.find("://");
    if (scheme_end == std::string_view::npos) {
        throw not_found("there is no such path");
    }
    const auto path = target.find_first_of("/?", scheme_end + 3);
    return path == std::string_view::npos || target[path] != '/' ? "/" : target.substr(path);
}

std::vector<std::string> parse_path(std::string_view path) {
    std::vector<std::string> segments;
    if (path == "/") {
        return segments;
    }
    split(path.substr(1), '/', [&](std::string_view segment) {
        std::string name = unescaped(segment, "path", Plus::plus);
        if (name.empty() || name == "." || name == "..") {  // escaped ones too (RFC 3986, section 6.2.2.2)
            throw not_found(
                "there is no such path: write it without empty segments, dots and trailing slash");
        }
        segments.push_back(std::move(name));
    });
    return segments;
}

QueryParameters parse_query(std::string_view query) {
    QueryParameters parameters;
    split(query, '&', [&](std::string_view pair) {
        if (pair.empty() || pair.find(';') != std::string_view::npos) {
            return;
        }
        const auto equals = std::min(pair.find('='), pair.size());
        const auto value = equals < pair.size() ? pair.substr(equals + 1) : std::string_view();
        parameters.emplace_back(unescaped(pair.substr(0, equals), "query", Plus::space),
                                unescaped(value, "query", Plus::space));
    });
    return parameters;
}

}  // namespace

std::string_view below_base_path(std::string_view target, std::string_view base_path) {
    if (base_path.empty() || !target.starts_with(base_path)) {
        return target;
    }
    const auto below = target.substr(base_path.size());
    if (below.empty()) {
        return "/";
    }
    return below.starts_with('/') ? below : target;
}

std::string_view path_of(std::string_view target) {
    return target.substr(0, target.find('?'));
}

Target parse_target(std::string_view target) {
    target = origin_form(target);
    target = target.substr(0, target.find('#'));
    const auto mark = std::min(target.find('?'), target.size());
    const auto query = mark < target.size() ? target.substr(mark + 1) : std::string_view();
    return {parse_path(target.substr(0, mark)), parse_query(query)};
}

}  // namespace flotilla

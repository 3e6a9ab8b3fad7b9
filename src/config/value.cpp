#include "config/value.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/overloaded.hpp"

namespace flotilla::settings {

namespace {

constexpr std::size_t longest_shown = 80;

/// `postgresql://flotilla:***@localhost/flotilla`
std::string without_password(std::string text) {
    const auto scheme = text.find("://");
    if (scheme == std::string::npos) {
        return text;
    }
    const auto user = scheme + 3;
    const auto at = text.rfind('@');  // an earlier one may be of the password
    const auto colon = text.find(':', user);
    if (at != std::string::npos && at > user && colon < at) {
        text.replace(colon + 1, at - colon - 1, "***");
    }
    return text;
}

std::string shortened(std::string text) {
    if (text.size() > longest_shown) {
        auto end = longest_shown;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80) {
            --end;  // not within a UTF-8 character
        }
        text = text.substr(0, end) + "...";
    }
    return text;
}

std::string flow(const Value& value) {
    return std::visit(Overloaded{
                          [](std::monostate) -> std::string { return "nothing"; },
                          [](const std::string& text) {
                              return fmt::format("\"{}\"", on_one_line(without_password(text)));
                          },
                          [](const ValueList& list) {
                              std::vector<std::string> items;
                              std::ranges::transform(list, std::back_inserter(items), flow);
                              return fmt::format("[{}]", fmt::join(items, ", "));
                          },
                          [](const ValueMap& map) {
                              std::vector<std::string> entries;
                              for (const auto& [key, entry] : map) {
                                  entries.push_back(fmt::format("{}: {}", on_one_line(key), flow(entry)));
                              }
                              return fmt::format("{{{}}}", fmt::join(entries, ", "));
                          },
                      },
                      value.content);
}

}  // namespace

bool Value::is_nothing() const {
    return std::holds_alternative<std::monostate>(content);
}
const std::string* Value::text() const {
    return std::get_if<std::string>(&content);
}
const ValueList* Value::list() const {
    return std::get_if<ValueList>(&content);
}
const ValueMap* Value::map() const {
    return std::get_if<ValueMap>(&content);
}

std::string on_one_line(std::string_view text) {
    std::string line;
    for (const char letter : text) {
        const auto code = static_cast<unsigned char>(letter);
        line += code < 0x20 || code == 0x7f ? fmt::format("\\x{:02x}", code) : std::string(1, letter);
    }
    return line;
}

std::string shown(const Value& value) {
    return shortened(flow(value));
}

std::string yaml_text(std::string_view text) {
    const bool plain = !text.empty() &&
                       text.find_first_of(",[]{}#&*!|>'\"%@`\\ \t\n") == std::string_view::npos &&
                       !text.starts_with('-') && !text.starts_with('?') && !text.ends_with(':');
    if (plain) {
        return std::string(text);
    }
    std::string quoted = "\"";
    for (const char letter : text) {
        if (letter == '"' || letter == '\\') {
            quoted += '\\';
        }
        quoted += letter;
    }
    return quoted + "\"";
}

std::string Source::at(const Value& value) const {
    return has_lines_ && value.line > 0 ? fmt::format("{}:{}", name_, value.line) : name_;
}

void Report::wrong(const std::string& name, const Value& value, const std::string& expected) {
    say(name, value, fmt::format("{} is not {}", shown(value), expected));
}

void Report::wrong_secret(const std::string& name, const Value& value, const std::string& expected) {
    say(name, value,
        fmt::format("what it says, not shown since it may hold a password, is not {}", expected));
}

void Report::say(const std::string& name, const Value& value, const std::string& message) {
    errors_.push_back(fmt::format("{}: {} ({})", on_one_line(name), message, source_.at(value)));
}

}  // namespace flotilla::settings

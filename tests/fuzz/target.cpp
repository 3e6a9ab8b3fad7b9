#include "api/target.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "fuzz_target.hpp"

namespace flotilla::fuzz {

namespace {

std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : text) {
        result += fmt::format("%{:02x}", static_cast<unsigned char>(c));
    }
    return result;
}

std::string printed(const flotilla::Target& target) {
    std::string text;
    for (const std::string& segment : target.segments) {
        text += "/" + escaped(segment);
    }
    text = text.empty() ? "/" : text;
    for (std::size_t i = 0; i < target.query.size(); ++i) {
        const auto& [name, value] = target.query[i];
        text += fmt::format("{}{}={}", i == 0 ? '?' : '&', escaped(name), escaped(value));
    }
    return text;
}

}  // namespace

void target(std::string_view input) {
    is_taken([&] {
        const flotilla::Target parsed = parse_target(input);
        for (const std::string& segment : parsed.segments) {
            require(!segment.empty() && segment != "." && segment != "..", "no segment leads elsewhere");
            require(segment.find('\0') == std::string::npos, "no segment has a NUL");
        }
        flotilla::Target again;
        require(is_taken([&] { again = parse_target(printed(parsed)); }), "what is printed is taken");
        require(again.segments == parsed.segments && again.query == parsed.query, "print and parse agree");
    });
}

}  // namespace flotilla::fuzz

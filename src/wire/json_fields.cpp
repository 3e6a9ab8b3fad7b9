#include "wire/json_fields.hpp"

#include <cstddef>

#include <boost/json/parser.hpp>
#include <fmt/ranges.h>

#include "base/error.hpp"
#include "base/letter_case.hpp"

namespace flotilla {

namespace json = boost::json;

namespace {

constexpr std::size_t most_levels = 64;

/// What the value is, as messages say it.
std::string_view described(const json::value& value) {
    switch (value.kind()) {
        case json::kind::null:
            return "null";
        case json::kind::bool_:
            return "a boolean";
        case json::kind::int64:
        case json::kind::uint64:
            return "a number";
        case json::kind::double_:
            return "a number with a fraction, an exponent or too many digits";
        case json::kind::string:
            return "a string";
        case json::kind::array:
            return "a list";
        case json::kind::object:
            return "an object";
    }
    return "something else";
}

void refuse_nul(std::string_view text) {
    if (text.find('\0') != std::string_view::npos) {
        throw invalid("malformed JSON: strings must not contain NUL (\\u0000)");
    }
}

/// Parsing has bounded the depth.
void refuse_nul_inside(const json::value& value) {
    if (const auto* text = value.if_string()) {
        refuse_nul({text->data(), text->size()});
    } else if (const auto* list = value.if_array()) {
        std::for_each(list->begin(), list->end(), refuse_nul_inside);
    } else if (const auto* object = value.if_object()) {
        for (const auto& member : *object) {
            refuse_nul({member.key().data(), member.key().size()});
            refuse_nul_inside(member.value());
        }
    }
}

json::value parsed(std::string_view text, const json::storage_ptr& memory) {
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
        throw invalid("the request body is empty: it must be a JSON object");
    }
    json::parse_options options;
    options.max_depth = most_levels;
    unsigned char scratch[2048];
    json::parser parser(json::storage_ptr{}, options, scratch);
    parser.reset(memory);
    json::error_code error;
    const std::size_t read = parser.write_some(text.data(), text.size(), error);
    if (error == json::error::incomplete) {
        throw invalid("malformed JSON: it ends too early");
    }
    if (error) {
        throw invalid("malformed JSON at byte {}: {}", read, error.message());
    }
    if (read < text.size()) {
        throw invalid("malformed JSON at byte {}: there is text after the value", read);
    }
    json::value value = parser.release();
    refuse_nul_inside(value);
    return value;
}

}  // namespace

ParsedBody::ParsedBody(std::string_view text) : value_(parsed(text, &memory_)) {}

void BodyMistakes::throw_if_any() const {
    if (count_ == 0) {
        return;
    }
    const std::size_t untold = count_ - lines_.size();
    throw invalid("{}{}", fmt::join(lines_, "\n"),
                  untold == 0 ? "" : fmt::format("\nand {} more of this kind", untold));
}

std::string text_from(const json::value& value, const std::string& name, BodyMistakes& mistakes) {
    const auto* text = value.if_string();
    if (text == nullptr) {
        mistakes.add("{} must be a string, was {}", name, described(value));
        return {};
    }
    return {text->data(), text->size()};
}

std::int64_t integer_from(const json::value& value, const std::string& name, BodyMistakes& mistakes,
                          std::int64_t least, std::int64_t most) {
    const auto* number = value.if_int64();
    if (value.is_uint64() || (number != nullptr && (*number < least || *number > most))) {
        mistakes.add("{} must be between {} and {}", name, least, most);
        return least;
    }
    if (number == nullptr) {
        mistakes.add("{} must be a whole number, was {}", name, described(value));
        return least;
    }
    return *number;
}

ObjectFields::ObjectFields(const json::value& value, std::string name, BodyMistakes& mistakes,
                           std::initializer_list<std::string_view> known)
    : object_(value.if_object()), name_(std::move(name)), mistakes_(mistakes) {
    if (object_ == nullptr) {
        mistakes_.add("{} must be {}, was {}", name_.empty() ? "the request body" : name_,
                      name_.empty() ? "a JSON object" : "an object", described(value));
        return;
    }
    for (const auto& member : *object_) {
        const std::string_view key(member.key().data(), member.key().size());
        for (const std::string_view right : known) {
            if (key != right && equal_without_case(key, right)) {
                mistakes_.add("unknown field [{}]: did you mean [{}]?", name_of(key), name_of(right));
            }
        }
    }
}

std::string ObjectFields::name_of(std::string_view key) const {
    return name_.empty() ? std::string(key) : name_ + "." + std::string(key);
}

const json::value* ObjectFields::find(std::string_view key) const {
    const auto* value = object_ == nullptr ? nullptr : object_->if_contains({key.data(), key.size()});
    return value == nullptr || value->is_null() ? nullptr : value;
}

std::optional<std::string> ObjectFields::text(std::string_view key) const {
    const auto* value = find(key);
    return value == nullptr ? std::nullopt : std::optional(text_from(*value, name_of(key), mistakes_));
}

std::optional<std::int64_t> ObjectFields::integer(std::string_view key) const {
    const auto* value = find(key);
    return value == nullptr ? std::nullopt : std::optional(integer_from(*value, name_of(key), mistakes_));
}

std::optional<std::map<std::string, std::string>> ObjectFields::texts(std::string_view key) const {
    const auto* value = find(key);
    if (value == nullptr) {
        return std::nullopt;
    }
    std::map<std::string, std::string> members;
    if (!value->is_object()) {
        mistakes_.add("{} must be an object, was {}", name_of(key), described(*value));
        return members;
    }
    for (const auto& member : value->get_object()) {
        const std::string name(member.key());
        members.emplace(name, text_from(member.value(), name_of(key) + "." + name, mistakes_));
    }
    return members;
}

const json::array* ObjectFields::find_list(std::string_view key) const {
    const auto* value = find(key);
    if (value != nullptr && !value->is_array()) {
        mistakes_.add("{} must be a list, was {}", name_of(key), described(*value));
        return nullptr;
    }
    return value == nullptr ? nullptr : &value->get_array();
}

}  // namespace flotilla

#include "wire/json_writer.hpp"

#include <array>
#include <charconv>
#include <cstddef>

#include "base/utf8.hpp"

namespace flotilla {

namespace {

bool stands_for_itself(unsigned char byte) {
    return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

void append_escaped(unsigned char byte, std::string& out) {
    constexpr std::string_view digits = "0123456789abcdef";
    switch (byte) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            out += "\\u00";
            out += digits[byte >> 4U];
            out += digits[byte & 0x0FU];
    }
}

}  // namespace

void JsonWriter::separate() {
    if (needs_comma_) {
        out_ += ',';
    }
    needs_comma_ = true;
}

void JsonWriter::append_quoted(std::string_view value) {
    out_ += '"';
    std::size_t at = 0;
    while (at < value.size()) {
        std::size_t plain_end = at;
        while (plain_end < value.size() && stands_for_itself(static_cast<unsigned char>(value[plain_end]))) {
            ++plain_end;
        }
        out_.append(value, at, plain_end - at);
        at = plain_end;
        if (at == value.size()) {
            break;
        }
        const auto byte = static_cast<unsigned char>(value[at]);
        if (byte < 0x80) {
            append_escaped(byte, out_);
            ++at;
        } else if (const std::size_t length = utf8_length(value, at); length > 0) {
            out_.append(value, at, length);
            at += length;
        } else {
            out_ += "\xEF\xBF\xBD";
            ++at;
        }
    }
    out_ += '"';
}

JsonWriter& JsonWriter::begin_object() {
    separate();
    out_ += '{';
    needs_comma_ = false;
    return *this;
}

JsonWriter& JsonWriter::end_object() {
    out_ += '}';
    needs_comma_ = true;
    return *this;
}

JsonWriter& JsonWriter::begin_list() {
    separate();
    out_ += '[';
    needs_comma_ = false;
    return *this;
}

JsonWriter& JsonWriter::end_list() {
    out_ += ']';
    needs_comma_ = true;
    return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
    separate();
    append_quoted(name);
    out_ += ':';
    needs_comma_ = false;
    return *this;
}

JsonWriter& JsonWriter::text(std::string_view value) {
    separate();
    append_quoted(value);
    return *this;
}

JsonWriter& JsonWriter::integer(std::int64_t value) {
    separate();
    std::array<char, 24> digits{};
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    out_.append(digits.data(), end);
    return *this;
}

JsonWriter& JsonWriter::boolean(bool value) {
    separate();
    out_ += value ? "true" : "false";
    return *this;
}

std::string JsonWriter::finish() {
    out_ += '\n';
    needs_comma_ = false;
    return std::move(out_);
}

}  // namespace flotilla

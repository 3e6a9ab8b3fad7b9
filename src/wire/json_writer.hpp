#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace flotilla {

/// Writes one JSON value (RFC 8259) by appending to a text: quicker than building a tree first.
/// The caller balances `begin_...` and `end_...`; commas come by themselves.
class JsonWriter {
public:
    JsonWriter& begin_object();
    JsonWriter& end_object();
    JsonWriter& begin_list();
    JsonWriter& end_list();
    JsonWriter& key(std::string_view name);
    /// Bytes that are not UTF-8 come as U+FFFD.
    JsonWriter& text(std::string_view value);
    JsonWriter& integer(std::int64_t value);
    /// Finite.
    JsonWriter& number(double value);
    JsonWriter& boolean(bool value);

    JsonWriter& member(std::string_view name, std::string_view value) { return key(name).text(value); }
    template <std::integral Integer>
    JsonWriter& member(std::string_view name, Integer value) {
        return key(name).integer(static_cast<std::int64_t>(value));
    }
    JsonWriter& member(std::string_view name, double value) { return key(name).number(value); }
    /// Nothing at all if the value is empty.
    JsonWriter& member_unless_empty(std::string_view name, std::string_view value) {
        return value.empty() ? *this : member(name, value);
    }

    /// What was written, with a newline at its end.
    [[nodiscard]] std::string finish();

private:
    void separate();

    std::string out_;
    bool needs_comma_ = false;
};

}  // namespace flotilla

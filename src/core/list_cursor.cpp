// Cursors: `<field>.<a|d>.<value>.<queued_at>.<id>`, the value as `n` (unknown), `i<number>` or `t<text in
// hex>`.
#include <charconv>
#include <stdexcept>
#include <vector>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/hex.hpp"
#include "base/overloaded.hpp"
#include "base/utf8.hpp"
#include "core/list_query.hpp"
#include "core/run.hpp"

namespace flotilla {

namespace {

using Value = decltype(ListPosition::value);

std::optional<std::int64_t> parse_number(std::string_view digits) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return error == std::errc{} && end == digits.data() + digits.size() ? std::optional(number)
                                                                        : std::nullopt;
}

bool is_number(FieldKind kind) {
    return kind == FieldKind::integer || kind == FieldKind::time;
}

/// Nothing if the text is no value of the field.
std::optional<Value> parse_value(std::string_view text, const Field& field) {
    if (text == "n" && field.nullable) {
        return Value(nullptr);
    }
    if (text.starts_with('i') && is_number(field.kind)) {
        const auto number = parse_number(text.substr(1));
        return number ? std::optional<Value>(*number) : std::nullopt;
    }
    if (text.starts_with('t') && !is_number(field.kind)) {
        auto bytes = bytes_of_hex(text.substr(1));
        const bool is_text = bytes && is_utf8(*bytes) && bytes->find('\0') == std::string::npos;
        return is_text ? std::optional<Value>(*std::move(bytes)) : std::nullopt;
    }
    return std::nullopt;
}

std::string text_of(const Value& value) {
    return std::visit(Overloaded{[](std::nullptr_t) { return std::string("n"); },
                                 [](std::int64_t number) { return fmt::format("i{}", number); },
                                 [](const std::string& text) { return "t" + hex_text(text); }},
                      value);
}

std::string_view order_of(const ListQuery& query) {
    return query.descending ? "d" : "a";
}

/// The first `count` parts, and the rest as the last one.
std::vector<std::string_view> split(std::string_view text, std::size_t count) {
    std::vector<std::string_view> parts;
    while (parts.size() < count && text.find('.') != std::string_view::npos) {
        parts.push_back(text.substr(0, text.find('.')));
        text.remove_prefix(parts.back().size() + 1);
    }
    parts.push_back(text);
    return parts;
}

std::int64_t number_of(TimePoint time) {
    return time.time_since_epoch().count();
}

Value value_of(const std::optional<TimePoint>& time) {
    return time ? Value(number_of(*time)) : Value(nullptr);
}

Value value_of(const Run& run, std::string_view field) {
    if (field == "run_id") {
        return run.id.value;
    }
    if (field == "cluster_name") {
        return run.cluster;
    }
    if (field == "status") {
        return std::string(to_string(run.status));
    }
    if (field == "group_name") {
        return run.group_name;
    }
    if (field == "queued_at") {
        return number_of(run.queued_at);
    }
    if (field == "started_at") {
        return value_of(run.attempt.started_at);
    }
    if (field == "finished_at") {
        return value_of(run.shown_finished_at());
    }
    throw std::logic_error(fmt::format("runs cannot be sorted by {}", field));
}

}  // namespace

ListPosition position_of(const Run& run, const ListQuery& query) {
    return {value_of(run, query.sort_by->name), number_of(run.queued_at), run.id.value};
}

std::string cursor_text(const ListQuery& query, const ListPosition& position) {
    return fmt::format("{}.{}.{}.{}.{}", query.sort_by->name, order_of(query), text_of(position.value),
                       position.queued_at, position.id);
}

ListPosition parse_cursor(std::string_view cursor, const ListQuery& query) {
    const auto parts = split(cursor, 4);
    if (parts.size() == 5 && (parts[0] != query.sort_by->name || parts[1] != order_of(query))) {
        throw invalid("after [{}] is a cursor of a list that is sorted in another way", cursor);
    }
    auto value = parts.size() == 5 ? parse_value(parts[2], *query.sort_by) : std::nullopt;
    const auto queued_at = parts.size() == 5 ? parse_number(parts[3]) : std::nullopt;
    if (!value || !queued_at) {
        throw invalid("after [{}] is not a cursor that this server gave out as next", cursor);
    }
    return {*std::move(value), *queued_at, std::string(parts[4])};
}

}  // namespace flotilla

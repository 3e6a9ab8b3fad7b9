#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/env.hpp"

namespace flotilla {

/// Name and value pairs of a query string, decoded, in the order given.
using QueryParameters = std::vector<std::pair<std::string, std::string>>;

/// How a field is compared.
enum class FieldKind {
    text,       ///< equality
    substring,  ///< one value: substring, case-sensitive; several: any of them exactly
    integer,    ///< equality; `_since`, `_until`
    time,       ///< `_since`, `_until` only; kept as microseconds since 1970
    status,     ///< equality with a run status
    tags,       ///< has one of these tags
};

/// A field that lists can be filtered or sorted by. Fields come from a fixed list, never from a request.
struct Field {
    std::string_view name;
    std::string_view column;
    FieldKind kind = FieldKind::text;
    bool filterable = true;
    bool sortable = false;
};

[[nodiscard]] std::span<const Field> definition_fields();
[[nodiscard]] std::span<const Field> run_fields();

/// One condition of a list: the field compared with any of the values.
struct Condition {
    enum class Test { equals, contains, after, before };
    const Field* field = nullptr;
    Test test = Test::equals;
    std::vector<std::variant<std::int64_t, std::string>> values;
};

/// Which definitions or runs a caller wants to see, checked.
struct ListQuery {
    std::vector<Condition> conditions;  ///< all of them hold
    Env env_filters;                    ///< has each of these variables
    const Field* sort_by = nullptr;
    bool descending = false;
    std::int64_t limit = 1024;
    std::int64_t offset = 0;
};

constexpr std::int64_t default_list_limit = 1024;
constexpr std::int64_t most_list_limit = 10'000;

/// Reads a query for a list of things that have `fields`. Throws `invalid`, naming the parameter that is
/// wrong.
[[nodiscard]] ListQuery parse_list_query(const QueryParameters& parameters, std::span<const Field> fields);

/// `limit`, `offset` and `name` (substring) of the lists of groups and tags.
struct NameQuery {
    std::optional<std::string> name;
    std::int64_t limit = default_list_limit;
    std::int64_t offset = 0;
};
[[nodiscard]] NameQuery parse_name_query(const QueryParameters& parameters);

/// A part of a list, and how many there are in all.
template <typename Item>
struct Page {
    std::vector<Item> items;
    std::int64_t total = 0;
};

}  // namespace flotilla

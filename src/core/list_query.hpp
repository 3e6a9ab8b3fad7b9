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
#include "core/id.hpp"

namespace flotilla {

struct Run;

/// Name and value pairs of a query string, decoded, in the order given.
using QueryParameters = std::vector<std::pair<std::string, std::string>>;

/// The value of the first parameter of that name; null if there is none.
[[nodiscard]] const std::string* find_parameter(const QueryParameters& parameters, std::string_view name);

/// How a field is compared.
enum class FieldKind {
    text,        ///< equality
    substring,   ///< one value: substring, case-sensitive; several: any of them exactly
    integer,     ///< equality; `_since`, `_until`
    time,        ///< `_since`, `_until` only; kept as microseconds since 1970
    status,      ///< equality with a run status
    exit_class,  ///< equality with an exit class
    tags,        ///< has one of these tags
    labels,      ///< `NAME|VALUE`: has that label; several: all of them
};

/// A field that lists can be filtered or sorted by. Fields come from a fixed list, never from a request.
struct Field {
    std::string_view name;
    std::string_view column;
    FieldKind kind = FieldKind::text;
    bool sortable = false;
    bool nullable = false;  ///< may be unknown; such ones sort last
};

[[nodiscard]] std::span<const Field> definition_fields();
[[nodiscard]] std::span<const Field> run_fields();

/// One condition of a list: the field compared with any of the values.
struct Condition {
    enum class Test { equals, contains, after, before, has_label };
    const Field* field = nullptr;
    Test test = Test::equals;
    std::vector<std::variant<std::int64_t, std::string>> values;
};

/// Where the page of a list ended: the next one begins after it. Lists are sorted by a field, then by the
/// newest `queued_at`, then by id.
struct ListPosition {
    std::variant<std::nullptr_t, std::int64_t, std::string> value;  ///< of the field that is sorted by
    std::int64_t queued_at = 0;                                     ///< microseconds since 1970
    std::string id;
    bool operator==(const ListPosition&) const = default;
};

/// Which definitions or runs a caller wants to see, checked.
struct ListQuery {
    std::vector<Condition> conditions;  ///< all of them hold
    Env env_filters;                    ///< has each of these variables
    const Field* sort_by = nullptr;
    bool descending = false;
    std::int64_t limit = 1024;
    std::int64_t offset = 0;
    std::optional<ListPosition> after{};  ///< only what comes after it
};

constexpr std::int64_t default_list_limit = 1024;
constexpr std::int64_t most_list_limit = 10'000;
constexpr std::size_t most_list_filters = 100;  ///< each is looked at for every row; SQLite takes 1000

/// Reads a query for a list of things that have `fields`. Throws `invalid`, naming the parameter that is
/// wrong. `after` is understood where the fields have `queued_at`.
[[nodiscard]] ListQuery parse_list_query(const QueryParameters& parameters, std::span<const Field> fields);

/// Where a run stands in a list of runs that is sorted as in `query`.
[[nodiscard]] ListPosition position_of(const Run& run, const ListQuery& query);

/// The cursor that stands for a position in a list that is sorted as in `query`: characters that need no
/// escape in a URL. It says how the list is sorted, since elsewhere it would mean nothing.
[[nodiscard]] std::string cursor_text(const ListQuery& query, const ListPosition& position);

/// Reads what `cursor_text` wrote. Throws `invalid` for anything else, also for a cursor of a list that is
/// sorted in another way.
[[nodiscard]] ListPosition parse_cursor(std::string_view cursor, const ListQuery& query);

/// `limit`, `offset` and `name` (substring) of the lists of groups and tags.
struct NameQuery {
    std::optional<std::string> name;
    std::int64_t limit = default_list_limit;
    std::int64_t offset = 0;
};
[[nodiscard]] NameQuery parse_name_query(const QueryParameters& parameters);

/// Definitions whose newest runs are asked for: `definition_id` (1 to 100 of them) and `limit` of runs of
/// each (1 to 100, by default 30).
struct RecentQuery {
    std::vector<DefinitionId> definitions;  ///< each once
    std::int64_t limit = 30;
};
/// Throws `invalid`, naming the parameter that is wrong.
[[nodiscard]] RecentQuery parse_recent_query(const QueryParameters& parameters);

/// A part of a list, and how many there are in all.
template <typename Item>
struct Page {
    std::vector<Item> items;
    std::int64_t total = 0;
    bool total_is_estimate = false;
    std::string next{};  ///< the cursor of the next page; empty: this is the last
};

}  // namespace flotilla

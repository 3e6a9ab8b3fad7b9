#include "store/run_list.hpp"

#include <algorithm>
#include <iterator>
#include <variant>

#include <fmt/format.h>

#include "store/list_sql.hpp"
#include "store/page_size.hpp"
#include "store/run_rows.hpp"

namespace flotilla {

namespace {

/// More are looked for at once.
constexpr std::size_t most_values = 8;
constexpr std::int64_t deepest_merge = 2'000;

void append_condition(SqlText& text, std::string_view condition) {
    text.sql += fmt::format("{}{}", text.sql.empty() ? " WHERE " : " AND ", condition);
}

/// Those that have the field that is sorted by, or all where each has it.
std::vector<Run> with_the_field(SqlSession& session, const ListQuery& query, PageSize& size) {
    SqlText text = where_clause(query, session.dialect());
    if (query.sort_by->nullable) {
        append_condition(text, fmt::format("{} IS NOT NULL", query.sort_by->column));
    }
    append_position(text, query);
    append_order(text, query, run_ties);
    return select_runs(session, text.sql, text.values, &size);
}

std::int64_t number_with_the_field(SqlSession& session, const ListQuery& query) {
    SqlText text = where_clause(query, session.dialect());
    append_condition(text, fmt::format("{} IS NOT NULL", query.sort_by->column));
    std::int64_t number = 0;
    session.query("SELECT COUNT(*) FROM runs" + text.sql, text.values,
                  [&](const SqlRow& row) { number = row.integer(0); });
    return number;
}

/// Those that lack it, which come last.
std::vector<Run> without_the_field(SqlSession& session, const ListQuery& query, PageSize& size) {
    SqlText text = where_clause(query, session.dialect());
    append_condition(text, fmt::format("{} IS NULL", query.sort_by->column));
    if (query.after && std::holds_alternative<std::nullptr_t>(query.after->value)) {
        append_position(text, query);
    }
    const auto limit = text.bind(query.limit);
    const auto offset = text.bind(query.offset);
    text.sql += fmt::format(" ORDER BY {} LIMIT {} OFFSET {}", run_ties, limit, offset);
    return select_runs(session, text.sql, text.values, &size);
}

/// In order, at most `query.limit`.
std::vector<Run> in_order(SqlSession& session, const ListQuery& query, PageSize& size) {
    const bool is_among_last = query.after && std::holds_alternative<std::nullptr_t>(query.after->value);
    std::vector<Run> runs;
    if (!is_among_last) {
        runs = with_the_field(session, query, size);
    }
    const auto missing = query.limit - static_cast<std::int64_t>(runs.size());
    if (query.sort_by->nullable && missing > 0) {
        ListQuery rest = query;
        rest.limit = missing;
        if (!is_among_last && query.offset > 0) {
            rest.offset = std::max<std::int64_t>(query.offset - number_with_the_field(session, query), 0);
        }
        auto last = without_the_field(session, rest, size);
        std::move(last.begin(), last.end(), std::back_inserter(runs));
    }
    return runs;
}

/// Both are numbers, or both are texts.
bool is_less(const decltype(ListPosition::value)& one, const decltype(ListPosition::value)& two) {
    if (const auto* number = std::get_if<std::int64_t>(&one)) {
        return *number < std::get<std::int64_t>(two);
    }
    return std::get<std::string>(one) < std::get<std::string>(two);
}

bool comes_before(const Run& run, const Run& other, const ListQuery& query) {
    const ListPosition one = position_of(run, query);
    const ListPosition two = position_of(other, query);
    if (one.value != two.value) {
        const bool one_lacks = std::holds_alternative<std::nullptr_t>(one.value);
        const bool two_lacks = std::holds_alternative<std::nullptr_t>(two.value);
        if (one_lacks || two_lacks) {
            return two_lacks;
        }
        return query.descending ? is_less(two.value, one.value) : is_less(one.value, two.value);
    }
    return one.queued_at != two.queued_at ? one.queued_at > two.queued_at : one.id < two.id;
}

/// The condition that may be any of several values, if the runs of each can be looked for apart.
std::size_t several_values(const ListQuery& query) {
    const auto& conditions = query.conditions;
    const auto found = std::ranges::find_if(conditions, [](const Condition& condition) {
        return condition.test == Condition::Test::equals && condition.field->kind != FieldKind::tags &&
               condition.values.size() > 1 && condition.values.size() <= most_values;
    });
    const bool is_near = query.offset <= deepest_merge && query.limit <= deepest_merge;
    return is_near ? static_cast<std::size_t>(found - conditions.begin()) : conditions.size();
}

std::vector<Run> page_of(SqlSession& session, const ListQuery& query, PageSize& size) {
    const auto several = several_values(query);
    if (several == query.conditions.size()) {
        return in_order(session, query, size);
    }
    std::vector<std::variant<std::int64_t, std::string>> values = query.conditions[several].values;
    std::ranges::sort(values);
    values.erase(std::ranges::unique(values).begin(), values.end());
    std::vector<Run> runs;
    for (const auto& value : values) {
        ListQuery one = query;
        one.conditions[several].values = {value};
        one.offset = 0;
        one.limit = query.offset + query.limit;
        auto some = in_order(session, one, size);
        std::move(some.begin(), some.end(), std::back_inserter(runs));
    }
    std::ranges::sort(runs,
                      [&](const Run& run, const Run& other) { return comes_before(run, other, query); });
    const auto begin = runs.begin() + std::min<std::ptrdiff_t>(query.offset, std::ssize(runs));
    const auto end = begin + std::min<std::ptrdiff_t>(query.limit, runs.end() - begin);
    return {std::make_move_iterator(begin), std::make_move_iterator(end)};
}

}  // namespace

Page<Run> list_runs(SqlSession& session, const ListQuery& query, RunTotals& totals) {
    Page<Run> page;
    const RunTotal total = totals.of(session, where_clause(query, session.dialect()));
    page.total = total.count;
    page.total_is_estimate = total.is_estimate;
    ListQuery and_one_more = query;
    ++and_one_more.limit;
    PageSize size;
    page.items = page_of(session, and_one_more, size);
    if (page.items.size() > static_cast<std::size_t>(query.limit)) {
        page.items.pop_back();
        if (!page.items.empty()) {
            page.next = cursor_text(query, position_of(page.items.back(), query));
        }
    }
    return page;
}

}  // namespace flotilla

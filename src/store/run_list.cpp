#include "store/run_list.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <variant>

#include <fmt/format.h>

#include "store/list_sql.hpp"
#include "store/page_size.hpp"
#include "store/run_aliases.hpp"
#include "store/run_counts.hpp"
#include "store/run_groups.hpp"
#include "store/run_rows.hpp"
#include "store/sql_lookup.hpp"

namespace flotilla {

namespace {

/// More are looked for at once.
constexpr std::size_t most_values = 16;
constexpr std::int64_t deepest_merge = 2'000;
/// Runs before it are passed in well under a second.
constexpr std::int64_t deepest_offset = 100'000;

/// Runs with more aliases than are looked at one by one are found by these where they are so few; where they
/// are more, soon among all.
constexpr std::size_t most_aliases = 200;
constexpr std::int64_t few_runs = 20'000;

/// Whether the query asks for runs that have any of some values in the column, `other` not among them.
bool asks_for(const ListQuery& query, std::string_view column, std::string_view other = {}) {
    return std::ranges::any_of(query.conditions, [&](const Condition& condition) {
        return condition.field->column == column && condition.test == Condition::Test::equals &&
               std::ranges::none_of(condition.values,
                                    [&](const auto& value) { return std::get<std::string>(value) == other; });
    });
}

bool is_by_age(const ListQuery& query) {
    return query.sort_by->column == "queued_at";
}

/// Whether other indexes tell more: live runs are few, and groups stand second in indexes of their own.
bool is_of_live_or_groups(const ListQuery& query) {
    return asks_for(query, "status", "STOPPED") || asks_for(query, "group_name");
}

/// The column whose index tells most of what the query asks for; empty if none is known to.
std::string_view telling_column(const ListQuery& query) {
    if (is_of_live_or_groups(query)) {
        return {};
    }
    for (const std::string_view column : {"run_id", "definition_id", "alias"}) {
        if (asks_for(query, column)) {
            return column;
        }
    }
    if (asks_for(query, "exit_class", "completed")) {
        return "exit_class";
    }
    return asks_for(query, "owner") ? "owner" : std::string_view();
}

/// Such indexes are in the order of age.
SqlText where_of(const ListQuery& query, const SqlDialect& dialect) {
    return where_clause(query, dialect, is_by_age(query) ? telling_column(query) : std::string_view());
}

void append_condition(SqlText& text, std::string_view condition) {
    text.sql += fmt::format("{}{}", text.sql.empty() ? " WHERE " : " AND ", condition);
}

/// Those that have the field that is sorted by, or all where each has it.
std::vector<Run> with_the_field(SqlSession& session, const ListQuery& query, PageSize& size) {
    SqlText text = where_of(query, session.dialect());
    if (query.sort_by->nullable) {
        append_condition(text, fmt::format("{} IS NOT NULL", query.sort_by->column));
    }
    append_position(text, query);
    // The age named twice, no index would have the order; aliases are asked for only where few runs have
    // them.
    const bool is_of_few = asks_for(query, "alias") && !is_by_age(query);
    append_order(text, query, is_by_age(query) ? "run_id" : run_ties,
                 is_of_few ? Ordering::sorted : Ordering::as_planned);
    return select_runs(session, text.sql, text.values, &size);
}

std::int64_t number_with_the_field(SqlSession& session, const ListQuery& query) {
    SqlText text = where_clause(query, session.dialect());
    append_condition(text, fmt::format("{} IS NOT NULL", query.sort_by->column));
    return number_of(session, "SELECT COUNT(*) FROM runs" + text.sql, text.values);
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

/// Those of one group that have the first variable of the query, which is sorted by age or group.
std::vector<Run> with_variable(SqlSession& session, const ListQuery& query, PageSize& size) {
    SqlText text = where_clause(query, session.dialect());
    append_position(text, query);
    const auto pair = text.bind(pair_of(query.env_filters.front()));
    const auto group = text.bind(std::get<std::string>(query.conditions.back().values.front()));
    text.sql += fmt::format(" AND run_id = env_run_id AND pair = {} AND env_group = {}", pair, group);
    const bool is_oldest_first = query.sort_by->column == "queued_at" && !query.descending;
    if (query.after) {  // says nothing new, but is what the index can begin at
        text.sql += fmt::format(" AND env_queued_at {} {}",
                                is_oldest_first ? ">=" : "<=", text.bind(query.after->queued_at));
    }
    text.sql += fmt::format(" ORDER BY env_queued_at {}, env_run_id LIMIT {}",
                            is_oldest_first ? "ASC" : "DESC", text.bind(query.limit));
    return select_runs_from(session, "run_env CROSS JOIN runs", text.sql, text.values, &size);
}

/// Of one group, in order, at most `query.limit`.
std::vector<Run> in_group(SqlSession& session, ListQuery query, const std::string& group, PageSize& size) {
    const bool is_by_group = query.sort_by->column == "group_name";
    if (is_by_group && query.after && std::get<std::string>(query.after->value) != group) {
        query.after.reset();  // all of this group comes after it
    }
    query = in_groups(query, {group});
    return query.env_filters.empty() ? in_order(session, query, size) : with_variable(session, query, size);
}

/// Whether looking at each group on its own finds the page: within a group runs are known by age.
bool is_for_groups(const ListQuery& query) {
    const bool is_near = query.offset <= deepest_merge && query.limit <= deepest_merge;
    return is_near && (query.sort_by->column == "group_name" || query.sort_by->column == "queued_at");
}

std::vector<Run> part_of(std::vector<Run> runs, const ListQuery& query) {
    const auto begin = runs.begin() + std::min<std::ptrdiff_t>(query.offset, std::ssize(runs));
    const auto end = begin + std::min<std::ptrdiff_t>(query.limit, runs.end() - begin);
    return {std::make_move_iterator(begin), std::make_move_iterator(end)};
}

/// The page of the runs of these groups, which are sorted.
std::vector<Run> page_of_groups(SqlSession& session, const ListQuery& query, std::vector<std::string> groups,
                                PageSize& size) {
    const bool is_by_group = query.sort_by->column == "group_name";
    ListQuery one = query;
    one.offset = 0;
    one.limit = query.offset + query.limit;
    if (is_by_group) {
        if (query.descending) {
            std::ranges::reverse(groups);
        }
        if (query.after) {
            const auto& last = std::get<std::string>(query.after->value);
            std::erase_if(groups, [&](const std::string& group) {
                return query.descending ? group > last : group < last;
            });
        }
    }
    std::vector<Run> runs;
    for (const std::string& group : groups) {
        auto some = in_group(session, one, group, size);
        if (is_by_group) {
            one.limit -= std::ssize(some);
        }
        std::move(some.begin(), some.end(), std::back_inserter(runs));
        if (one.limit <= 0) {
            break;
        }
    }
    std::ranges::sort(runs,
                      [&](const Run& run, const Run& other) { return comes_before(run, other, query); });
    return part_of(std::move(runs), query);
}

std::vector<Run> page_of(SqlSession& session, const ListQuery& query, PageSize& size) {
    const auto several = several_values(query);
    if (several == query.conditions.size()) {
        return in_order(session, query, size);
    }
    std::vector<std::variant<std::int64_t, std::string>> values = query.conditions[several].values;
    std::ranges::sort(values);
    values.erase(std::unique(values.begin(), values.end()), values.end());
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
    return part_of(std::move(runs), query);
}

/// What the total counts, where something less than the runs themselves tells it.
std::optional<SqlText> rows_of(const ListQuery& query, const SqlDialect& dialect) {
    return query.env_filters.empty() ? std::nullopt : std::optional(rows_with_variable(query, dialect));
}

}  // namespace

bool may_take_long(const ListQuery& query) {
    constexpr std::array<std::string_view, 9> indexed{"run_id",     "cluster",           "status",
                                                      "started_at", "shown_finished_at", "queued_at",
                                                      "group_name", "definition_id",     "owner"};
    const auto conditions = query.conditions.size() + query.env_filters.size();
    if (query.offset > deepest_offset || conditions > 1 ||
        (!query.env_filters.empty() && !is_for_groups(query))) {
        return true;
    }
    return std::ranges::any_of(query.conditions, [&](const Condition& condition) {
        return std::ranges::find(indexed, condition.field->column) == indexed.end();
    });
}

const RunList::Names& RunList::groups(SqlSession& session) {
    if (!groups_) {
        groups_ = groups_of(session, query_);
    }
    return *groups_;
}

/// Those that tell where the runs are; of runs that failed an index has the aliases, too.
const RunList::Names& RunList::aliases(SqlSession& session) {
    if (!aliases_) {
        const bool is_for_aliases =
            !is_of_live_or_groups(query_) && query_.env_filters.empty() && telling_column(query_).empty();
        aliases_ = is_for_aliases ? aliases_of(session, query_) : std::nullopt;
    }
    return *aliases_;
}

RunTotal RunList::total(SqlSession& session, RunTotals& totals) {
    if (const auto kept = kept_count(session, query_)) {
        return {*kept, false};
    }
    if (const auto kept = kept_count_of_groups(session, query_)) {
        return {*kept, false};
    }
    const Names& wanted_groups = groups(session);
    const Names& wanted_aliases = aliases(session);
    if ((wanted_groups && wanted_groups->empty()) || (wanted_aliases && wanted_aliases->empty())) {
        return {};
    }
    const bool is_by_part = wanted_groups && query_.env_filters.empty();
    ListQuery counted = is_by_part ? in_groups(query_, *wanted_groups) : query_;
    if (wanted_aliases && wanted_aliases->size() <= most_aliases) {
        counted = with_aliases(counted, *wanted_aliases);
    }
    return totals.of(session, where_clause(counted, session.dialect(), telling_column(counted)),
                     rows_of(query_, session.dialect()));
}

RunTotal RunList::estimated_total(SqlSession& session, RunTotals& totals) const {
    return totals.estimate(session, where_clause(query_, session.dialect()));
}

void RunList::add_items(SqlSession& session, Page<Run>& page) {
    if (page.total == 0 && !page.total_is_estimate) {
        return;
    }
    ListQuery and_one_more = query_;
    if (const Names& wanted = aliases(session); wanted && wanted->size() <= most_aliases) {
        const bool is_in_order = is_by_age(query_) && wanted->size() <= most_values;
        if (is_in_order || page.total <= few_runs) {
            and_one_more = with_aliases(query_, *wanted);
        }
    }
    ++and_one_more.limit;
    PageSize size;
    const Names wanted_groups = is_for_groups(query_) ? groups(session) : std::nullopt;
    page.items = wanted_groups ? page_of_groups(session, and_one_more, *wanted_groups, size)
                               : page_of(session, and_one_more, size);
    page.next.clear();
    if (page.items.size() > static_cast<std::size_t>(query_.limit)) {
        page.items.pop_back();
        if (!page.items.empty()) {
            page.next = cursor_text(query_, position_of(page.items.back(), query_));
        }
    }
}

}  // namespace flotilla

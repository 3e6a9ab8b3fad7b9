#include "store/list_sql.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace flotilla {

namespace {

SqlValue value_of(const std::variant<std::int64_t, std::string>& value) {
    return std::visit([](const auto& held) { return SqlValue(held); }, value);
}

std::string equals_any(SqlText& text, std::string_view column, const Condition& condition) {
    std::vector<std::string> parameters;
    for (const auto& value : condition.values) {
        parameters.push_back(text.bind(value_of(value)));
    }
    if (parameters.size() == 1) {
        return fmt::format("{} = {}", column, parameters.front());
    }
    return fmt::format("{} IN ({})", column, fmt::join(parameters, ", "));
}

/// `label` is NAME|VALUE.
std::string label_sql(SqlText& text, std::string_view column, const std::string& label,
                      const SqlDialect& dialect) {
    const auto bar = label.find('|');
    const auto name = text.bind(label.substr(0, bar));
    const auto value = text.bind(label.substr(bar + 1));
    return dialect.has_label(column, name, value);
}

std::string condition_sql(SqlText& text, const Condition& condition, const SqlDialect& dialect,
                          std::string_view leading) {
    const auto column = condition.field->column;
    switch (condition.test) {
        case Condition::Test::contains:
            return dialect.contains(column, text.bind(value_of(condition.values.front())));
        case Condition::Test::after:
            return fmt::format("{} > {}", column, text.bind(value_of(condition.values.front())));
        case Condition::Test::before:
            return fmt::format("{} < {}", column, text.bind(value_of(condition.values.front())));
        case Condition::Test::equals:
            if (condition.field->kind == FieldKind::tags) {
                return fmt::format("definition_id IN (SELECT definition_id FROM definition_tags WHERE {})",
                                   equals_any(text, "tag", condition));
            }
            if (column == leading && column == "exit_class") {  // said as the index says it
                return equals_any(text, column, condition) + " AND exit_class <> 'completed'";
            }
            return equals_any(text, leading.empty() || column == leading ? column : dialect.unindexed(column),
                              condition);
        case Condition::Test::has_label:
            return label_sql(text, column, std::get<std::string>(condition.values.front()), dialect);
    }
    return {};
}

}  // namespace

std::string SqlText::bind(SqlValue value) {
    values.push_back(std::move(value));
    return fmt::format("${}", values.size());
}

SqlText where_clause(const ListQuery& query, const SqlDialect& dialect, std::string_view leading) {
    SqlText text;
    std::vector<std::string> terms;
    for (const Condition& condition : query.conditions) {
        terms.push_back(condition_sql(text, condition, dialect, leading));
    }
    for (const EnvVar& filter : query.env_filters) {
        const auto name = text.bind(filter.name);
        const auto value = text.bind(filter.value);
        terms.push_back(dialect.has_env("env", name, value));
    }
    if (!terms.empty()) {
        text.sql = fmt::format(" WHERE {}", fmt::join(terms, " AND "));
    }
    return text;
}

void append_position(SqlText& text, const ListQuery& query) {
    if (!query.after) {
        return;
    }
    const auto queued_at = text.bind(query.after->queued_at);
    const auto id = text.bind(query.after->id);
    const auto behind = fmt::format("(queued_at < {0} OR (queued_at = {0} AND run_id > {1}))", queued_at, id);
    const auto column = query.sort_by->column;
    text.sql += text.sql.empty() ? " WHERE " : " AND ";
    if (std::holds_alternative<std::nullptr_t>(query.after->value)) {
        text.sql += fmt::format("({} IS NULL AND {})", column, behind);
        return;
    }
    const auto value =
        text.bind(std::visit([](const auto& held) { return SqlValue(held); }, query.after->value));
    const auto beyond = query.descending ? "<" : ">";
    // The first term says nothing new, but is one that an index can begin at.
    text.sql += fmt::format("{0} {1}= {2} AND ({0} {1} {2} OR {3})", column, beyond, value, behind);
}

void append_order(SqlText& text, const ListQuery& query, std::string_view ties, Ordering ordering) {
    const auto limit = text.bind(query.limit);
    const auto offset = text.bind(query.offset);
    const auto column = query.sort_by->column;
    // No index has such an expression.
    const auto by =
        ordering == Ordering::sorted ? fmt::format("COALESCE({0}, {0})", column) : std::string(column);
    text.sql += fmt::format(" ORDER BY {} {}, {} LIMIT {} OFFSET {}", by, query.descending ? "DESC" : "ASC",
                            ties, limit, offset);
}

}  // namespace flotilla

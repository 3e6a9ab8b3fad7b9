#include "core/list_query.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hpp"
#include "base/time_text.hpp"
#include "core/run_status.hpp"

namespace flotilla {

namespace {

constexpr std::array definition_field_list{
    Field{.name = "alias", .column = "alias", .kind = FieldKind::substring, .sortable = true},
    Field{.name = "image", .column = "image", .kind = FieldKind::substring, .sortable = true},
    Field{.name = "group_name", .column = "group_name", .kind = FieldKind::substring, .sortable = true},
    Field{.name = "memory", .column = "memory", .kind = FieldKind::integer, .sortable = true},
    Field{.name = "definition_id", .column = "definition_id"},
    Field{.name = "container_name", .column = "definition_id"},
    Field{.name = "arn", .column = "arn"},
    Field{.name = "command", .column = "command", .kind = FieldKind::substring},
    Field{.name = "user", .column = "container_user"},
    Field{.name = "tags", .column = "tags", .kind = FieldKind::tags},
};

constexpr std::array run_field_list{
    Field{.name = "run_id", .column = "run_id", .sortable = true},
    Field{.name = "cluster_name", .column = "cluster", .sortable = true},
    Field{.name = "status", .column = "status", .kind = FieldKind::status, .sortable = true},
    Field{.name = "started_at",
          .column = "started_at",
          .kind = FieldKind::time,
          .sortable = true,
          .nullable = true},
    Field{.name = "finished_at",
          .column = "shown_finished_at",
          .kind = FieldKind::time,
          .sortable = true,
          .nullable = true},
    Field{.name = "queued_at", .column = "queued_at", .kind = FieldKind::time, .sortable = true},
    Field{.name = "group_name", .column = "group_name", .kind = FieldKind::substring, .sortable = true},
    Field{.name = "cluster", .column = "cluster"},
    Field{.name = "definition_id", .column = "definition_id"},
    Field{.name = "task_arn", .column = "handle"},
    Field{.name = "alias", .column = "alias", .kind = FieldKind::substring},
    Field{.name = "image", .column = "image", .kind = FieldKind::substring},
    Field{.name = "exit_code", .column = "shown_exit_code", .kind = FieldKind::integer},
    Field{.name = "instance_id", .column = "instance_id"},
    Field{.name = "instance_dns_name", .column = "instance_dns_name"},
    Field{.name = "user", .column = "owner"},
    Field{.name = "exit_class", .column = "exit_class", .kind = FieldKind::exit_class},
    Field{.name = "engine", .column = "engine"},
    Field{.name = "labels", .column = "labels", .kind = FieldKind::labels},
};

/// Reads `limit` or `offset`: digits, an optional `+`, any size; empty means the default.
std::int64_t parse_count(std::string_view name, std::string_view text, std::int64_t when_empty) {
    if (text.empty()) {
        return when_empty;
    }
    const std::string_view digits = text.front() == '+' ? text.substr(1) : text;
    const bool all_digits = !digits.empty() && std::all_of(digits.begin(), digits.end(),
                                                           [](char c) { return c >= '0' && c <= '9'; });
    if (!all_digits) {
        throw invalid("{} must be a whole number of 0 or more, was [{}]", name, text);
    }
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc{} ? value : std::numeric_limits<std::int64_t>::max();
}

std::int64_t parse_integer(std::string_view name, std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty()) {
        throw invalid("{} must be a whole number, was [{}]", name, text);
    }
    return value;
}

std::variant<std::int64_t, std::string> parse_value(std::string_view name, FieldKind kind,
                                                    const std::string& text) {
    switch (kind) {
        case FieldKind::integer:
            return parse_integer(name, text);
        case FieldKind::time: {
            const auto time = parse_time(text);
            if (!time) {
                throw invalid("{} must be a time such as 2018-11-01T12:00:00Z or 2018-11-01, was [{}]", name,
                              text);
            }
            return time->time_since_epoch().count();
        }
        case FieldKind::status:
            if (!parse_run_status(text)) {
                throw invalid("invalid status [{}]", text);
            }
            return text;
        case FieldKind::exit_class:
            if (!parse_exit_class(text)) {
                throw invalid("invalid exit_class [{}]", text);
            }
            return text;
        case FieldKind::labels:
            if (text.find('|') == std::string::npos) {
                throw invalid("{} must be NAME|VALUE, was [{}]", name, text);
            }
            return text;
        case FieldKind::text:
        case FieldKind::substring:
        case FieldKind::tags:
            return text;
    }
    return text;
}

const Field* find_field(std::span<const Field> fields, std::string_view name) {
    const auto found =
        std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.name == name; });
    return found == fields.end() ? nullptr : &*found;
}

/// `<field>_since` and `<field>_until`.
struct Bound {
    const Field* field;
    Condition::Test test;
};

std::optional<Bound> find_bound(std::span<const Field> fields, std::string_view name) {
    const auto with_suffix = [&](std::string_view suffix, Condition::Test test) -> std::optional<Bound> {
        if (!name.ends_with(suffix)) {
            return std::nullopt;
        }
        const Field* field = find_field(fields, name.substr(0, name.size() - suffix.size()));
        if (field == nullptr || (field->kind != FieldKind::integer && field->kind != FieldKind::time)) {
            return std::nullopt;
        }
        return Bound{field, test};
    };
    if (auto since = with_suffix("_since", Condition::Test::after)) {
        return since;
    }
    return with_suffix("_until", Condition::Test::before);
}

/// `NAME|VALUE`; anything else is ignored, as the original does. Of a repeated name the last counts.
void add_env_filter(const std::string& text, Env& filters) {
    const auto bar = text.find('|');
    if (bar == std::string::npos || text.find('|', bar + 1) != std::string::npos) {
        return;
    }
    EnvVar filter{text.substr(0, bar), text.substr(bar + 1)};
    std::erase_if(filters, [&](const EnvVar& known) { return known.name == filter.name; });
    filters.push_back(std::move(filter));
}

const Field& parse_sort(std::string_view text, std::span<const Field> fields) {
    const Field* field = find_field(fields, text);
    if (field == nullptr || !field->sortable) {
        std::vector<std::string_view> names;
        for (const Field& candidate : fields) {
            if (candidate.sortable) {
                names.push_back(candidate.name);
            }
        }
        throw invalid("Invalid field to order by [{}], must be one of [{}]", text, fmt::join(names, ", "));
    }
    return *field;
}

bool parse_order(std::string_view text) {
    if (text != "asc" && text != "desc") {
        throw invalid("Invalid order string, must be one of ('asc', 'desc'), was {}", text);
    }
    return text == "desc";
}

void add_condition(ListQuery& query, const std::string& name, const std::string& text,
                   std::span<const Field> fields) {
    const Field* field = find_field(fields, name);
    if (field == nullptr || field->kind == FieldKind::time) {
        const auto bound = find_bound(fields, name);
        if (!bound) {
            throw invalid("unknown filter [{}]", name);
        }
        const bool given_before =
            std::any_of(query.conditions.begin(), query.conditions.end(),
                        [&](const Condition& c) { return c.field == bound->field && c.test == bound->test; });
        if (given_before) {
            throw invalid("{} must not be given more than once", name);
        }
        query.conditions.push_back(
            {bound->field, bound->test, {parse_value(name, bound->field->kind, text)}});
        return;
    }
    auto value = parse_value(name, field->kind, text);
    if (field->kind == FieldKind::labels) {
        query.conditions.push_back({field, Condition::Test::has_label, {std::move(value)}});
        return;
    }
    const auto same = std::find_if(query.conditions.begin(), query.conditions.end(), [&](const Condition& c) {
        return c.field == field && c.test != Condition::Test::after && c.test != Condition::Test::before;
    });
    if (same != query.conditions.end()) {
        same->test = Condition::Test::equals;
        same->values.push_back(std::move(value));
        return;
    }
    const auto test =
        field->kind == FieldKind::substring ? Condition::Test::contains : Condition::Test::equals;
    query.conditions.push_back({field, test, {std::move(value)}});
}

}  // namespace

const std::string* find_parameter(const QueryParameters& parameters, std::string_view name) {
    const auto found =
        std::find_if(parameters.begin(), parameters.end(), [&](const auto& p) { return p.first == name; });
    return found == parameters.end() ? nullptr : &found->second;
}

std::span<const Field> definition_fields() {
    return definition_field_list;
}
std::span<const Field> run_fields() {
    return run_field_list;
}

ListQuery parse_list_query(const QueryParameters& parameters, std::span<const Field> fields) {
    ListQuery query;
    const auto* limit = find_parameter(parameters, "limit");
    const auto* offset = find_parameter(parameters, "offset");
    const auto* sort = find_parameter(parameters, "sort_by");
    const auto* order = find_parameter(parameters, "order");
    query.limit = std::min(limit ? parse_count("limit", *limit, default_list_limit) : default_list_limit,
                           most_list_limit);
    query.offset = offset ? parse_count("offset", *offset, 0) : 0;
    query.sort_by = &parse_sort(sort ? *sort : "group_name", fields);
    query.descending = order && parse_order(*order);
    const bool has_cursor = find_field(fields, "queued_at") != nullptr;
    const auto* after = has_cursor ? find_parameter(parameters, "after") : nullptr;
    if (after != nullptr && !after->empty()) {
        query.after = parse_cursor(*after, query);
    }
    for (const auto& [name, value] : parameters) {
        if (name == "limit" || name == "offset" || name == "sort_by" || name == "order" ||
            (has_cursor && name == "after")) {
            continue;
        }
        if (name == "env") {
            add_env_filter(value, query.env_filters);
        } else {
            add_condition(query, name, value, fields);
        }
    }
    if (query.conditions.size() + query.env_filters.size() > most_list_filters) {
        throw invalid("a list takes at most {} different filters", most_list_filters);
    }
    return query;
}

NameQuery parse_name_query(const QueryParameters& parameters) {
    NameQuery query;
    if (const auto* limit = find_parameter(parameters, "limit")) {
        query.limit = std::min(parse_count("limit", *limit, default_list_limit), most_list_limit);
    }
    if (const auto* offset = find_parameter(parameters, "offset")) {
        query.offset = parse_count("offset", *offset, 0);
    }
    if (const auto* name = find_parameter(parameters, "name")) {
        query.name = *name;
    }
    return query;
}

RecentQuery parse_recent_query(const QueryParameters& parameters) {
    constexpr std::size_t most_definitions = 100;
    constexpr std::int64_t most_runs = 100;
    RecentQuery query;
    for (const auto& [name, value] : parameters) {
        const DefinitionId id{value};
        if (name == "definition_id" &&
            std::find(query.definitions.begin(), query.definitions.end(), id) == query.definitions.end()) {
            query.definitions.push_back(id);
        }
    }
    if (query.definitions.empty() || query.definitions.size() > most_definitions) {
        throw invalid("definition_id has to be given 1 to {} times", most_definitions);
    }
    if (const auto* limit = find_parameter(parameters, "limit")) {
        query.limit = parse_count("limit", *limit, query.limit);
    }
    if (query.limit < 1 || query.limit > most_runs) {
        throw invalid("limit has to be from 1 to {}", most_runs);
    }
    return query;
}

}  // namespace flotilla

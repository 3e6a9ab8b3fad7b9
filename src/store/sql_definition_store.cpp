#include "store/sql_definition_store.hpp"

#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hpp"
#include "store/json_columns.hpp"
#include "store/limit_columns.hpp"
#include "store/list_sql.hpp"
#include "store/page_size.hpp"
#include "store/run_rows.hpp"
#include "store/sql_lookup.hpp"
#include "store/sql_values.hpp"

namespace flotilla {

namespace {

constexpr std::array<std::string_view, 23> column_list{
    "definition_id", "arn",        "alias",       "group_name",      "image",
    "memory",        "command",    "env",         "ports",           "container_user",
    "cpu",           "secrets",    "description", "labels",          "created_at",
    "created_by",    "updated_at", "updated_by",  "timeout_seconds", "queue_timeout_seconds",
    "retry",         "gpu",        "arn_digest"};

const std::string& columns() {
    static const std::string joined = fmt::format("{}", fmt::join(column_list, ", "));
    return joined;
}

Definition read_definition(const SqlRow& row) {
    return {.id = {row.text(0)},
            .arn = row.text(1),
            .alias = row.text(2),
            .group_name = row.text(3),
            .image = row.text(4),
            .memory = row.integer(5),
            .command = row.text(6),
            .env = env_from_column(row.text(7)),
            .ports = ports_from_column(row.text(8)),
            .tags = {},
            .user = row.text(9),
            .cpu = optional_integer(row, 10),
            .gpu = optional_integer(row, 21),
            .secrets = texts_from_column(row.text(11)),
            .description = row.text(12),
            .labels = labels_from_column(row.text(13)),
            .limits = limits_from(row, 18),
            .created_at = optional_time(row, 14),
            .created_by = row.text(15),
            .updated_at = optional_time(row, 16),
            .updated_by = row.text(17),
            .arn_digest = row.text(22)};
}

void read_tags(SqlSession& session, Definition& definition, PageSize* size = nullptr) {
    session.query("SELECT tag FROM definition_tags WHERE definition_id = $1 ORDER BY position",
                  {definition.id.value}, [&](const SqlRow& row) {
                      definition.tags.push_back(row.text(0));
                      if (size != nullptr) {
                          size->add_tag(definition.tags.back());
                      }
                  });
}

std::optional<Definition> find_where(SqlSession& session, std::string_view column, const std::string& value,
                                     std::string_view lock = "") {
    std::optional<Definition> found;
    session.query(fmt::format("SELECT {} FROM definitions WHERE {} = $1{}", columns(), column, lock), {value},
                  [&](const SqlRow& row) { found = read_definition(row); });
    if (found) {
        read_tags(session, *found);
    }
    return found;
}

void write_tags(SqlSession& session, const Definition& definition) {
    session.execute("DELETE FROM definition_tags WHERE definition_id = $1", {definition.id.value});
    std::int64_t position = 0;
    for (const std::string& tag : definition.tags) {
        session.execute("INSERT INTO definition_tags (definition_id, position, tag) VALUES ($1, $2, $3)",
                        {definition.id.value, position++, tag});
    }
}

std::vector<SqlValue> values_of(const Definition& definition) {
    std::vector<SqlValue> values{definition.id.value,
                                 definition.arn,
                                 definition.alias,
                                 definition.group_name,
                                 definition.image,
                                 definition.memory,
                                 definition.command,
                                 env_column(definition.env),
                                 ports_column(definition.ports),
                                 definition.user,
                                 sql_value(definition.cpu),
                                 texts_column(definition.secrets),
                                 definition.description,
                                 labels_column(definition.labels),
                                 sql_value(definition.created_at),
                                 definition.created_by,
                                 sql_value(definition.updated_at),
                                 definition.updated_by};
    append_limits(values, definition.limits);
    values.push_back(sql_value(definition.gpu));
    values.emplace_back(definition.arn_digest);
    return values;
}

std::string insert_sql() {
    std::vector<std::string> parameters;
    for (std::size_t i = 1; i <= column_list.size(); ++i) {
        parameters.push_back(fmt::format("${}", i));
    }
    return fmt::format("INSERT INTO definitions ({}) VALUES ({})", columns(), fmt::join(parameters, ", "));
}

/// `$1` is the id.
std::string update_definition_sql() {
    std::vector<std::string> assignments;
    for (std::size_t i = 1; i < column_list.size(); ++i) {
        assignments.push_back(fmt::format("{} = ${}", column_list.at(i), i + 1));
    }
    return fmt::format("UPDATE definitions SET {} WHERE definition_id = $1", fmt::join(assignments, ", "));
}

/// Does `work`, telling the sender when the alias is taken.
void with_unique_alias(const std::string& alias, const std::function<void()>& work) {
    try {
        work();
    } catch (const SqlConstraint&) {
        // The original's spelling: clients match on it.
        throw conflict("definition with alias [{}] aleady exists", alias);
    }
}

/// No definition has that object of an engine.
void retire(SqlSession& session, const std::string& arn) {
    session.execute("INSERT INTO retired_definitions (arn) VALUES ($1) ON CONFLICT (arn) DO NOTHING", {arn});
}

/// Its engine's object for a definition is this one from now on; an empty one: none.
void exchange_object(SqlSession& session, Definition& definition, const EngineObject& object) {
    if (!definition.arn.empty() && definition.arn != object.arn) {
        retire(session, definition.arn);
    }
    definition.arn = object.arn;
    definition.arn_digest = object.digest;
}

void write_object(SqlSession& session, const Definition& definition) {
    session.execute("UPDATE definitions SET arn = $2, arn_digest = $3 WHERE definition_id = $1",
                    {definition.id.value, definition.arn, definition.arn_digest});
}

}  // namespace

void SqlDefinitionStore::insert(const Definition& definition) {
    database_.write([&](SqlSession& session) {
        with_unique_alias(definition.alias, [&] {
            static const std::string sql = insert_sql();
            session.execute(sql, values_of(definition));
        });
        write_tags(session, definition);
    });
}

std::optional<Definition> SqlDefinitionStore::find(const DefinitionId& id) {
    std::optional<Definition> found;
    database_.read([&](SqlSession& session) { found = find_where(session, "definition_id", id.value); });
    return found;
}

std::optional<Definition> SqlDefinitionStore::find_by_alias(const std::string& alias) {
    std::optional<Definition> found;
    database_.read([&](SqlSession& session) { found = find_where(session, "alias", alias); });
    return found;
}

Page<Definition> SqlDefinitionStore::list(const ListQuery& query) {
    Page<Definition> page;
    database_.read([&](SqlSession& session) {
        SqlText text = where_clause(query, database_.dialect());
        page.total = number_of(session, "SELECT COUNT(*) FROM definitions" + text.sql, text.values);
        append_order(text, query, "alias, definition_id");
        PageSize size;
        session.query(fmt::format("SELECT {} FROM definitions{}", columns(), text.sql), text.values,
                      [&](const SqlRow& row) {
                          page.items.push_back(read_definition(row));
                          size.add(page.items.back());
                      });
        for (Definition& definition : page.items) {
            read_tags(session, definition, &size);
        }
    });
    return page;
}

std::optional<Definition> SqlDefinitionStore::update(const DefinitionId& id, const DefinitionFields& fields,
                                                     const Edit& edit,
                                                     const std::optional<EngineObject>& object) {
    std::optional<Definition> stored;
    database_.write([&](SqlSession& session) {
        stored = find_where(session, "definition_id", id.value, session.dialect().for_update());
        if (!stored) {
            if (object) {
                retire(session, object->arn);
            }
            return;
        }
        if (edit.meant && !edit.meant(*stored)) {
            throw outdated("definition {} has changed since you read it{}: read it again", id.value,
                           stored->updated_by.empty() ? "" : ", by " + stored->updated_by);
        }
        assign(fields, *stored);
        stored->updated_at = edit.at;
        stored->updated_by = edit.by;
        if (object) {
            exchange_object(session, *stored, *object);
        }
        with_unique_alias(stored->alias, [&] {
            static const std::string sql = update_definition_sql();
            session.execute(sql, values_of(*stored));
        });
        write_tags(session, *stored);
    });
    return stored;
}

bool SqlDefinitionStore::set_object(const DefinitionId& id, const EngineObject& object) {
    bool is_there = false;
    database_.write([&](SqlSession& session) {
        auto stored = find_where(session, "definition_id", id.value, session.dialect().for_update());
        is_there = stored.has_value();
        if (!stored) {
            retire(session, object.arn);
            return;
        }
        exchange_object(session, *stored, object);
        write_object(session, *stored);
    });
    return is_there;
}

void SqlDefinitionStore::replace_object(const std::string& arn, const EngineObject& object,
                                        const std::string& log_location) {
    database_.write([&](SqlSession& session) {
        auto stored = find_where(session, "arn", arn, session.dialect().for_update());
        if (!stored) {
            retire(session, object.arn);
            return;
        }
        stored->arn = object.arn;
        stored->arn_digest = object.digest;
        write_object(session, *stored);
        session.execute(
            fmt::format(
                "UPDATE runs SET definition_arn = $2, engine_request = REPLACE(engine_request, $1, $2),"
                " log_location = CASE WHEN handle = '' THEN $4 ELSE log_location END"
                " WHERE definition_id = $3 AND definition_arn = $1 AND {}",
                unfinished_sql),
            {arn, object.arn, stored->id.value, log_location});
    });
}

std::vector<std::string> SqlDefinitionStore::retired() {
    std::vector<std::string> arns;
    database_.read([&](SqlSession& session) {
        arns.clear();
        session.query(
            fmt::format("SELECT arn FROM retired_definitions WHERE NOT EXISTS (SELECT 1 FROM runs"
                        " WHERE runs.definition_arn = retired_definitions.arn AND runs.definition_arn <> ''"
                        " AND {}) ORDER BY arn",
                        unfinished_sql),
            {}, [&](const SqlRow& row) { arns.push_back(row.text(0)); });
    });
    return arns;
}

void SqlDefinitionStore::forget_retired(const std::string& arn) {
    database_.write([&](SqlSession& session) {
        session.execute("DELETE FROM retired_definitions WHERE arn = $1", {arn});
    });
}

bool SqlDefinitionStore::remove(const DefinitionId& id) {
    bool removed = false;
    database_.write([&](SqlSession& session) {
        // From here on nobody makes a run of it.
        auto stored = find_where(session, "definition_id", id.value, session.dialect().for_update());
        if (!stored) {
            removed = false;
            return;
        }
        const auto live = number_of(
            session, fmt::format("SELECT COUNT(*) FROM runs WHERE definition_id = $1 AND {}", unfinished_sql),
            {id.value});
        if (live > 0) {
            throw conflict("definition {} has {} unfinished run{}: stop {} first", id.value, live,
                           live == 1 ? "" : "s", live == 1 ? "it" : "them");
        }
        exchange_object(session, *stored, {});
        removed = session.execute("DELETE FROM definitions WHERE definition_id = $1", {id.value}) > 0;
    });
    return removed;
}

Page<std::string> SqlDefinitionStore::groups(const NameQuery& query) {
    return names(query, "definitions", "group_name");
}

Page<std::string> SqlDefinitionStore::tags(const NameQuery& query) {
    return names(query, "definition_tags", "tag");
}

Page<std::string> SqlDefinitionStore::images(const NameQuery& query) {
    return names(query, "definitions", "image");
}

Page<std::string> SqlDefinitionStore::names(const NameQuery& query, std::string_view table,
                                            std::string_view column) {
    Page<std::string> page;
    database_.read([&](SqlSession& session) {
        SqlText text;
        if (query.name) {
            text.sql = " WHERE " + database_.dialect().contains(column, text.bind(*query.name));
        }
        page.total =
            number_of(session, fmt::format("SELECT COUNT(DISTINCT {}) FROM {}{}", column, table, text.sql),
                      text.values);
        const auto limit = text.bind(query.limit);
        const auto offset = text.bind(query.offset);
        session.query(fmt::format("SELECT DISTINCT {0} FROM {1}{2} ORDER BY {0} LIMIT {3} OFFSET {4}", column,
                                  table, text.sql, limit, offset),
                      text.values, [&](const SqlRow& row) { page.items.push_back(row.text(0)); });
    });
    return page;
}

}  // namespace flotilla

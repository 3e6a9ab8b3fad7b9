#include "store/postgres/original_database.hpp"

#include <array>
#include <string_view>

#include <fmt/format.h>

#include "base/log.hpp"
#include "core/indexed_text.hpp"
#include "store/sql_lookup.hpp"

namespace flotilla {

namespace {

/// In the table `migrations`; the numbers of the schema's own steps begin with 1.
constexpr std::string_view done_name = "original_carried_over";

/// The original's list of variables as this version writes it; whatever is no variable is left out.
std::string env_sql(std::string_view column) {
    return fmt::format(
        "COALESCE((SELECT jsonb_agg(jsonb_build_object('name', variable->>'name',"
        "   'value', COALESCE(variable->>'value', '')) ORDER BY position)"
        " FROM jsonb_array_elements(CASE jsonb_typeof({0}) WHEN 'array' THEN {0} ELSE '[]' END)"
        "   WITH ORDINALITY AS variables (variable, position)"
        " WHERE jsonb_typeof(variable) = 'object' AND variable->>'name' IS NOT NULL), '[]')::text",
        column);
}

/// What is too long for indexes, as `fitted_indexed_text` has it: 230 characters are 920 bytes at most.
std::string fitted_sql(std::string_view text) {
    return fmt::format(
        "CASE WHEN octet_length({0}) > {1} THEN"
        " left({0}, 230) || '-sha256:' || encode(sha256(convert_to({0}, 'UTF8')), 'hex') ELSE {0} END",
        text, longest_indexed_text);
}

/// Aliases may be missing there, and are unique here: the id stands in, or if that is an alias, what none is.
std::string definitions_sql() {
    return fmt::format(
        "INSERT INTO definitions (definition_id, arn, alias, group_name, image, memory, command, env, ports,"
        " container_user)"
        " SELECT definition_id, arn, {1}, {2}, image, memory, command, env, ports, container_user FROM ("
        "   SELECT definition_id, COALESCE(arn, '') AS arn,"
        "     COALESCE(alias, CASE WHEN EXISTS (SELECT 1 FROM task_def AS other WHERE other.alias ="
        "       task_def.definition_id) THEN definition_id || '-' || gen_random_uuid() ELSE definition_id "
        "END)"
        "       AS alias,"
        "     COALESCE(group_name, '') AS group_name, COALESCE(image, '') AS image,"
        "     COALESCE(memory, 0) AS memory, COALESCE(command, '') AS command, {0} AS env,"
        "     COALESCE((SELECT jsonb_agg(port ORDER BY port) FROM task_def_ports"
        "       WHERE task_def_id = definition_id), '[]')::text AS ports,"
        "     COALESCE(\"user\", '') AS container_user"
        "   FROM task_def) AS original ON CONFLICT DO NOTHING",
        env_sql("env"), fitted_sql("alias"), fitted_sql("group_name"));
}

std::string tags_sql() {
    return fmt::format(
        "INSERT INTO definition_tags (definition_id, position, tag)"
        " SELECT task_def_id, ROW_NUMBER() OVER (PARTITION BY task_def_id ORDER BY tag_id) - 1, {}"
        " FROM (SELECT DISTINCT task_def_id, tag_id FROM task_def_tags"
        "   WHERE tag_id <> '' AND EXISTS (SELECT 1 FROM definitions WHERE definition_id = task_def_id))"
        "   AS tagged"
        " ON CONFLICT DO NOTHING",
        fitted_sql("tag_id"));
}

/// Times that nobody can have meant are none: the zero time of Go, years before Christ, infinity.
std::string is_odd_sql(std::string_view time) {
    return fmt::format("({0} < '1970-01-01 00:00:00+00' OR {0} >= '10000-01-01 00:00:00+00')", time);
}

std::string microseconds_sql(std::string_view column) {
    return fmt::format("(CASE WHEN NOT {1} THEN EXTRACT(EPOCH FROM {0}) * 1000000 END)::bigint", column,
                       is_odd_sql(column));
}

/// `$1` is the owner variable.
constexpr std::string_view owner_sql =
    "COALESCE((SELECT variable->>'value' FROM jsonb_array_elements("
    "    CASE jsonb_typeof(task.env) WHEN 'array' THEN task.env ELSE '[]' END) AS variable"
    "  WHERE variable->>'name' = $1 LIMIT 1), '')";

/// When a run was queued is not known there: it is taken for when it started, or else for when the first of
/// all runs did. A run whose definition is not there is one of none.
std::string runs_sql() {
    return fmt::format(
        "INSERT INTO runs (run_id, definition_id, alias, group_name, cluster, engine, owner, image, command,"
        " memory, definition_env, ports, container_user, env, queued_at, status, stopped_by, shown_exit_code,"
        " shown_finished_at, attempt_number, phase, handle, instance_id, instance_dns_name, "
        "attempt_queued_at,"
        " started_at, finished_at, exit_code, exit_class, exit_reason)"
        " SELECT run_id, definition_id, {5}, {6}, {7}, 'ecs', {8}, image, command, memory,"
        "   definition_env, '[]', '', env, queued_at, 'STOPPED', '', exit_code, finished_at, 1, 'ended',"
        "   handle, instance_id, instance_dns_name, queued_at, started_at, finished_at, exit_code,"
        "   CASE WHEN exit_code = 0 THEN 'completed' WHEN exit_code IS NOT NULL THEN 'job_failed'"
        "     ELSE 'engine_error' END,"
        "   CASE WHEN was IS DISTINCT FROM 'STOPPED' THEN 'the original Flotilla left it ' ||"
        "       COALESCE(was, 'unfinished') || CASE WHEN exit_code IS NULL THEN '; its outcome is unknown'"
        "         ELSE ', with exit code ' || exit_code END"
        "     WHEN exit_code IS NULL THEN 'the original Flotilla noted no exit code'"
        "     WHEN exit_code = 0 THEN '' ELSE 'exited with ' || exit_code END"
        " FROM (SELECT task.run_id, task_def.definition_id, COALESCE(task.alias, '') AS alias,"
        "     COALESCE(task.group_name, task_def.group_name, '') AS group_name,"
        "     COALESCE(task.cluster_name, '') AS cluster, {4} AS owner,"
        "     COALESCE(task.image, '') AS image, COALESCE(task_def.command, '') AS command,"
        "     COALESCE(task_def.memory, 0) AS memory, {0} AS definition_env, {1} AS env,"
        "     COALESCE({2}, {3}, (SELECT MIN({2}) FROM task AS every), 0) AS queued_at, task.status AS was,"
        "     {2} AS started_at, {3} AS finished_at, task.exit_code, COALESCE(task.task_arn, '') AS handle,"
        "     COALESCE(task.instance_id, '') AS instance_id,"
        "     COALESCE(task.instance_dns_name, '') AS instance_dns_name"
        "   FROM task LEFT JOIN task_def ON task_def.definition_id = task.definition_id) AS original"
        " ON CONFLICT DO NOTHING",
        env_sql("task_def.env"), env_sql("task.env"), microseconds_sql("started_at"),
        microseconds_sql("finished_at"), owner_sql, fitted_sql("alias"), fitted_sql("group_name"),
        fitted_sql("cluster"), fitted_sql("owner"));
}

/// What is not carried over as it is.
struct Changed {
    std::int64_t fitted = 0;     ///< rows with texts that were too long
    std::int64_t odd_times = 0;  ///< runs with times that nobody can have meant
    std::int64_t orphans = 0;    ///< runs of definitions that are not there
};

Changed changed_in(SqlSession& session, const std::string& owner_variable) {
    const auto is_long = [](std::string_view text) {
        return fmt::format("octet_length({}) > {}", text, longest_indexed_text);
    };
    Changed changed;
    changed.fitted =
        number_of(session, fmt::format("SELECT COUNT(*) FROM task_def WHERE {} OR {}", is_long("alias"),
                                       is_long("group_name"))) +
        number_of(session, fmt::format("SELECT COUNT(*) FROM task_def_tags WHERE {}", is_long("tag_id"))) +
        number_of(session,
                  fmt::format("SELECT COUNT(*) FROM task WHERE {} OR {} OR {} OR {}", is_long("alias"),
                              is_long("group_name"), is_long("cluster_name"), is_long(owner_sql)),
                  {owner_variable});
    changed.odd_times = number_of(session, fmt::format("SELECT COUNT(*) FROM task WHERE {} OR {}",
                                                       is_odd_sql("started_at"), is_odd_sql("finished_at")));
    changed.orphans =
        number_of(session,
                  "SELECT COUNT(*) FROM task WHERE definition_id IS NOT NULL AND NOT EXISTS"
                  " (SELECT 1 FROM task_def WHERE task_def.definition_id = task.definition_id)");
    return changed;
}

void tell(const Changed& changed) {
    if (changed.fitted > 0) {
        log_warning(
            "database: {} rows of the original Flotilla have an alias, group, tag, owner or cluster of more "
            "than {} bytes: a digest stands in place of its end",
            changed.fitted, longest_indexed_text);
    }
    if (changed.odd_times > 0) {
        log_warning(
            "database: {} runs of the original Flotilla have times before 1970 or after 9999: they are "
            "carried over without them",
            changed.odd_times);
    }
    if (changed.orphans > 0) {
        log_warning(
            "database: {} runs of the original Flotilla name definitions that are not there: they are "
            "carried over as runs of no definition",
            changed.orphans);
    }
}

std::optional<OriginalContents> find_original_in(SqlSession& session) {
    for (const auto* const table : {"task_def", "task_def_ports", "task_def_tags", "task"}) {
        if (!has_table(session, table)) {
            return std::nullopt;
        }
    }
    if (has_table(session, "migrations") &&
        number_of(session, "SELECT COUNT(*) FROM migrations WHERE number = 0 AND name = $1",
                  {std::string(done_name)}) > 0) {
        return std::nullopt;
    }
    return OriginalContents{number_of(session, "SELECT COUNT(*) FROM task_def"),
                            number_of(session, "SELECT COUNT(*) FROM task")};
}

}  // namespace

std::optional<OriginalContents> find_original(SqlDatabase& database) {
    std::optional<OriginalContents> found;
    database.read([&](SqlSession& session) { found = find_original_in(session); });
    return found;
}

void carry_over_original(SqlDatabase& database, const std::string& owner_variable) {
    if (!find_original(database)) {
        return;
    }
    std::optional<OriginalContents> carried;
    Changed changed;
    database.write([&](SqlSession& session) {
        session.query(session.dialect().schema_lock(), {}, [](const SqlRow&) {});
        carried = find_original_in(session);  // another server may have been first
        if (carried) {
            session.execute(definitions_sql(), {});
            session.execute(tags_sql(), {});
            session.execute(runs_sql(), {owner_variable});
            changed = changed_in(session, owner_variable);
            session.execute("INSERT INTO migrations (number, name) VALUES (0, $1)", {std::string(done_name)});
        }
    });
    if (carried) {
        log_info(
            "database: carried over {} definitions and {} runs of the original Flotilla; its tables stay",
            carried->definitions, carried->runs);
        tell(changed);
    }
}

}  // namespace flotilla

#include "store/migrations.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/log.hpp"
#include "store/sql_lookup.hpp"

namespace flotilla {

namespace {

std::string_view name_of(SqlKind kind) {
    switch (kind) {
        case SqlKind::sqlite:
            return "sqlite";
        case SqlKind::postgres:
            return "postgres";
    }
    return {};
}

/// The statements of a script for one kind of database: each ends with `;` at the end of a line. After a line
/// `--- sqlite` or `--- postgres` they are for that kind alone, after `--- both` for each.
std::vector<std::string_view> statements(std::string_view script, SqlKind kind) {
    constexpr std::string_view mark = "--- ";
    std::vector<std::string_view> list;
    bool is_for_this = true;
    std::size_t begin = 0;
    for (std::size_t at = 0; at < script.size();) {
        const auto end = std::min(script.find('\n', at), script.size());
        const auto line = script.substr(at, end - at);
        at = end + 1;
        if (line.starts_with(mark)) {
            const auto whose = line.substr(mark.size());
            is_for_this = whose == "both" || whose == name_of(kind);
            begin = at;
        } else if (line.ends_with(';')) {
            if (is_for_this) {
                list.push_back(script.substr(begin, end - 1 - begin));
            }
            begin = at;
        }
    }
    return list;
}

/// The highest number that ran; 0 for an empty database.
std::int64_t current_version(SqlSession& session) {
    return has_table(session, "migrations")
               ? number_of(session, "SELECT COALESCE(MAX(number), 0) FROM migrations")
               : 0;
}

/// Throws `invalid` if one before `version` did not run.
void check_complete(SqlSession& session, std::int64_t version, std::span<const Migration> list) {
    std::set<std::int64_t> ran;
    if (version > 0) {
        session.query("SELECT number FROM migrations", {},
                      [&](const SqlRow& row) { ran.insert(row.integer(0)); });
    }
    for (const Migration& migration : list) {
        if (migration.number < version && !ran.contains(migration.number)) {
            throw invalid(
                "the database's table migrations lacks {}, though later ones ran: restore a backup, or put "
                "the row back if all that the migration makes is there",
                migration.name);
        }
    }
}

/// Which programs a schema of that version serves: those that know the step of this number.
std::int64_t served_version(SqlSession& session, std::int64_t version) {
    std::int64_t served = version;
    if (has_table(session, "schema_serves")) {
        session.query("SELECT serves FROM schema_serves WHERE version = $1", {version},
                      [&](const SqlRow& row) { served = row.integer(0); });
    }
    return served;
}

void check_serves(SqlSession& session, std::int64_t version, std::int64_t known) {
    if (version > known && served_version(session, version) > known) {
        throw invalid(
            "the database has schema version {}, this program knows only {}: use a newer version of it",
            version, known);
    }
}

/// As the script of a step says in its first line; else it serves those that know it.
std::int64_t serves(const Migration& migration) {
    constexpr std::string_view mark = "-- serves: ";
    std::int64_t version = migration.number;
    if (migration.sql.starts_with(mark)) {
        const auto digits = migration.sql.substr(mark.size());
        std::from_chars(digits.data(), digits.data() + digits.size(), version);
    }
    return version;
}

/// Waits for whoever else changes the schema, until this transaction ends.
void lock_schema(SqlSession& session) {
    if (const auto lock = session.dialect().schema_lock(); !lock.empty()) {
        session.query(lock, {}, [](const SqlRow&) {});
    }
}

void create_bookkeeping(SqlSession& session) {
    for (const char* table :
         {"CREATE TABLE IF NOT EXISTS migrations (number BIGINT PRIMARY KEY, name TEXT NOT NULL)",
          "CREATE TABLE IF NOT EXISTS schema_serves (version BIGINT NOT NULL, serves BIGINT NOT NULL)"}) {
        session.execute(session.dialect().schema(table), {});
    }
}

void run(SqlSession& session, const Migration& migration, std::int64_t version) {
    const auto before = served_version(session, version);
    for (const auto statement : statements(migration.sql, session.dialect().kind())) {
        session.execute(session.dialect().schema(statement), {});
    }
    session.execute("INSERT INTO migrations (number, name) VALUES ($1, $2)",
                    {migration.number, std::string(migration.name)});
    session.execute("DELETE FROM schema_serves", {});
    session.execute("INSERT INTO schema_serves (version, serves) VALUES ($1, $2)",
                    {migration.number, std::max(before, serves(migration))});
}

}  // namespace

void migrate(SqlDatabase& database) {
    migrate(database, migrations());
}

std::int64_t schema_version(SqlDatabase& database) {
    std::int64_t version = 0;
    database.read([&](SqlSession& session) { version = current_version(session); });
    return version;
}

void migrate(SqlDatabase& database, std::span<const Migration> list) {
    for (const Migration& migration : list) {
        bool ran = false;
        database.write([&](SqlSession& session) {
            lock_schema(session);
            create_bookkeeping(session);
            const auto version = current_version(session);
            check_serves(session, version, list.back().number);
            check_complete(session, version, list);
            ran = version < migration.number;
            if (ran) {
                run(session, migration, version);
            }
        });
        if (ran) {
            log_info("database: ran migration {}", migration.name);
        }
    }
}

std::vector<std::string> missing_migrations(SqlDatabase& database) {
    std::vector<std::string> missing;
    database.read([&](SqlSession& session) {
        const auto version = current_version(session);
        check_serves(session, version, migrations().back().number);
        check_complete(session, version, migrations());
        for (const Migration& migration : migrations()) {
            if (version < migration.number) {
                missing.emplace_back(migration.name);
            }
        }
    });
    return missing;
}

}  // namespace flotilla

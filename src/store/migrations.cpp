#include "store/migrations.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/log.hpp"

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

bool has_table(SqlSession& session, const std::string& name) {
    bool found = false;
    session.query(session.dialect().find_table(), {name}, [&](const SqlRow&) { found = true; });
    return found;
}

/// The highest number that ran; 0 for an empty database.
std::int64_t current_version(SqlSession& session) {
    std::int64_t version = 0;
    if (has_table(session, "migrations")) {
        session.query("SELECT COALESCE(MAX(number), 0) FROM migrations", {},
                      [&](const SqlRow& row) { version = row.integer(0); });
    }
    return version;
}

void check_not_newer(std::int64_t version) {
    if (version > migrations().back().number) {
        throw invalid(
            "the database has schema version {}, this program knows only {}: use a newer version of it",
            version, migrations().back().number);
    }
}

/// Waits for whoever else changes the schema, until this transaction ends.
void lock_schema(SqlSession& session) {
    if (const auto lock = session.dialect().schema_lock(); !lock.empty()) {
        session.query(lock, {}, [](const SqlRow&) {});
    }
}

void create_bookkeeping(SqlSession& session) {
    session.execute(
        session.dialect().schema(
            "CREATE TABLE IF NOT EXISTS migrations (number BIGINT PRIMARY KEY, name TEXT NOT NULL)"),
        {});
}

}  // namespace

void migrate(SqlDatabase& database) {
    migrate(database, migrations().back().number);
}

std::int64_t schema_version(SqlDatabase& database) {
    std::int64_t version = 0;
    database.read([&](SqlSession& session) { version = current_version(session); });
    return version;
}

void migrate(SqlDatabase& database, std::int64_t last) {
    for (const Migration& migration : migrations()) {
        if (migration.number > last) {
            break;
        }
        bool ran = false;
        database.write([&](SqlSession& session) {
            lock_schema(session);
            create_bookkeeping(session);
            const auto version = current_version(session);
            check_not_newer(version);
            ran = version < migration.number;
            if (!ran) {
                return;
            }
            for (const auto statement : statements(migration.sql, session.dialect().kind())) {
                session.execute(session.dialect().schema(statement), {});
            }
            session.execute("INSERT INTO migrations (number, name) VALUES ($1, $2)",
                            {migration.number, std::string(migration.name)});
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
        check_not_newer(version);
        for (const Migration& migration : migrations()) {
            if (version < migration.number) {
                missing.emplace_back(migration.name);
            }
        }
    });
    return missing;
}

}  // namespace flotilla

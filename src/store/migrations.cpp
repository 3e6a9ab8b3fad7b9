#include "store/migrations.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/log.hpp"

extern "C" {
extern const char flotilla_migration_0001[];
extern const char flotilla_migration_0001_end[];
extern const char flotilla_migration_0002[];
extern const char flotilla_migration_0002_end[];
extern const char flotilla_migration_0003[];
extern const char flotilla_migration_0003_end[];
extern const char flotilla_migration_0004[];
extern const char flotilla_migration_0004_end[];
extern const char flotilla_migration_0005[];
extern const char flotilla_migration_0005_end[];
extern const char flotilla_migration_0006[];
extern const char flotilla_migration_0006_end[];
}

namespace flotilla {

namespace {

/// The statements of a script: each ends with `;` at the end of a line.
std::vector<std::string_view> statements(std::string_view script) {
    std::vector<std::string_view> list;
    for (std::size_t end = script.find(";\n"); end != std::string_view::npos; end = script.find(";\n")) {
        list.push_back(script.substr(0, end));
        script.remove_prefix(end + 2);
    }
    return list;
}

/// The highest number that ran; 0 for an empty database.
std::int64_t current_version(SqlSession& session) {
    std::int64_t version = 0;
    session.query("SELECT COALESCE(MAX(number), 0) FROM migrations", {},
                  [&](const SqlRow& row) { version = row.integer(0); });
    return version;
}

void check_not_newer(std::int64_t version) {
    if (version > migrations().back().number) {
        throw invalid(
            "the database has schema version {}, this program knows only {}: use a newer version of it",
            version, migrations().back().number);
    }
}

void create_bookkeeping(SqlSession& session) {
    session.execute("CREATE TABLE IF NOT EXISTS migrations (number BIGINT PRIMARY KEY, name TEXT NOT NULL)",
                    {});
}

}  // namespace

const std::vector<Migration>& migrations() {
    static const std::vector<Migration> list{
        {1, "0001_initial", {flotilla_migration_0001, flotilla_migration_0001_end}},
        {2, "0002_described_runs", {flotilla_migration_0002, flotilla_migration_0002_end}},
        {3, "0003_tokens", {flotilla_migration_0003, flotilla_migration_0003_end}},
        {4, "0004_limits_and_keys", {flotilla_migration_0004, flotilla_migration_0004_end}},
        {5, "0005_gpu", {flotilla_migration_0005, flotilla_migration_0005_end}},
        {6, "0006_resource_use", {flotilla_migration_0006, flotilla_migration_0006_end}},
    };
    return list;
}

void migrate(SqlDatabase& database) {
    for (const Migration& migration : migrations()) {
        bool ran = false;
        database.write([&](SqlSession& session) {
            create_bookkeeping(session);
            const auto version = current_version(session);
            check_not_newer(version);
            ran = version < migration.number;
            if (!ran) {
                return;
            }
            for (const auto statement : statements(migration.sql)) {
                session.execute(statement, {});
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
    database.write([&](SqlSession& session) {
        create_bookkeeping(session);
        const auto version = current_version(session);
        check_not_newer(version);
        missing.clear();
        for (const Migration& migration : migrations()) {
            if (version < migration.number) {
                missing.emplace_back(migration.name);
            }
        }
    });
    return missing;
}

}  // namespace flotilla

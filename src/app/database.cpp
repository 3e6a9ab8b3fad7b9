#include "app/database.hpp"

#include <chrono>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/data_folder.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "store/migrations.hpp"
#include "store/postgres/original_database.hpp"
#include "store/postgres/postgres_database.hpp"
#include "store/postgres/postgres_refusal.hpp"
#include "store/postgres/schema_rights.hpp"
#include "store/sqlite/sqlite_database.hpp"

namespace flotilla {

namespace {

using namespace std::chrono_literals;

/// SQLite gives the files beside the database its mode (https://www.sqlite.org/tempfiles.html). Why a file
/// cannot be made is for SQLite to say.
void make_private(const std::filesystem::path& file) {
    const UniqueFd made(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
}

std::unique_ptr<SqlDatabase> open(const Config& config, StoreMetrics* metrics) {
    if (const auto file = sqlite_file(config)) {
        make_private(*file);
        return std::make_unique<SqliteDatabase>(*file, metrics);
    }
    return std::make_unique<PostgresDatabase>(parse_postgres_address(config.database_url), metrics);
}

/// What is not carried over yet.
std::optional<OriginalContents> original_in(SqlDatabase& database) {
    return database.dialect().kind() == SqlKind::postgres ? find_original(database) : std::nullopt;
}

void bring_up_to_date(SqlDatabase& database, const Config& config) {
    migrate(database);
    if (database.dialect().kind() == SqlKind::postgres) {
        carry_over_original(database, config.owner_id_var);
    }
}

std::unique_ptr<SqlDatabase> open_and_prepare(const Config& config, StoreMetrics* metrics) {
    auto database = open(config, metrics);
    if (config.create_database_schema) {
        bring_up_to_date(*database, config);
    } else if (const auto missing = missing_migrations(*database); !missing.empty()) {
        throw invalid(
            "the database lacks the migrations {}; run `flotilla migrate`, or set create_database_schema: "
            "true",
            fmt::join(missing, ", "));
    } else if (const auto original = original_in(*database)) {
        throw invalid(
            "the database holds {} definitions and {} runs of the original Flotilla, not carried over yet; "
            "run "
            "`flotilla migrate`, or set create_database_schema: true",
            original->definitions, original->runs);
    }
    return database;
}

}  // namespace

std::optional<std::string> mistake_in_database_url(const Config& config) {
    try {
        if (!sqlite_file(config)) {
            static_cast<void>(parse_postgres_address(config.database_url));
        }
        return std::nullopt;
    } catch (const Error& error) {
        return error.what();
    }
}

std::unique_ptr<SqlDatabase> opened_database(const Config& config, StoreMetrics* metrics,
                                             std::chrono::seconds patience) {
    const auto end = std::chrono::steady_clock::now() + patience;
    for (bool is_told = false;; is_told = true) {
        try {
            return open_and_prepare(config, metrics);
        } catch (const SqlAway& away) {
            if (std::chrono::steady_clock::now() >= end ||
                refuses(parse_postgres_address(config.database_url))) {
                throw;
            }
            if (!is_told) {
                log_warning("waiting for the database: {}", away.what());
            }
        }
        std::this_thread::sleep_for(200ms);
    }
}

std::unique_ptr<SqlDatabase> existing_database(const Config& config) {
    if (const auto file = sqlite_file(config); file && !std::filesystem::exists(*file)) {
        throw not_found("there is no database {}: give the server's own --config", file->string());
    }
    return open(config, nullptr);
}

std::unique_ptr<SqlDatabase> unprepared_database(const Config& config) {
    return open(config, nullptr);
}

MigrationPlan planned_migration(const Config& config) {
    if (const auto file = sqlite_file(config); file && !std::filesystem::exists(*file)) {
        MigrationPlan all;
        for (const Migration& migration : migrations()) {
            all.steps.emplace_back(migration.name);
        }
        return all;
    }
    const auto database = open(config, nullptr);
    MigrationPlan plan{missing_migrations(*database), original_in(*database)};
    if (!plan.is_empty() && database->dialect().kind() == SqlKind::postgres) {
        check_may_migrate(*database);
    }
    return plan;
}

void migrate_database(const Config& config) {
    if (sqlite_file(config)) {
        make_data_folder(config.data_dir);
    }
    bring_up_to_date(*open(config, nullptr), config);
}

}  // namespace flotilla

#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "store/postgres/original_database.hpp"
#include "store/sql.hpp"
#include "store/store_metrics.hpp"

namespace flotilla {

/// What is wrong with the address of the database; nothing if it can be read.
[[nodiscard]] std::optional<std::string> mistake_in_database_url(const Config& config);

/// Opens the database that a configuration names, with its schema up to date. A new file of SQLite can be
/// read by its owner alone; a PostgreSQL that does not answer yet is waited for, half a minute at most.
/// `metrics` outlive the database; null: nothing is measured. Throws `unavailable` if it cannot be reached,
/// `invalid` with what to do if its schema cannot be used.
[[nodiscard]] std::unique_ptr<SqlDatabase> opened_database(const Config& config,
                                                           StoreMetrics* metrics = nullptr,
                                                           std::chrono::seconds patience = {});

/// The database as it is. Throws `not_found` if there is no file of that name, else as `opened_database`.
[[nodiscard]] std::unique_ptr<SqlDatabase> existing_database(const Config& config);
/// The database as it is, or a new file. Throws as `opened_database`.
[[nodiscard]] std::unique_ptr<SqlDatabase> unprepared_database(const Config& config);

/// What bringing a database up to date would do.
struct MigrationPlan {
    std::vector<std::string> steps;            ///< the names of those that are missing
    std::optional<OriginalContents> original;  ///< of the original's database, not carried over yet
    [[nodiscard]] bool is_empty() const { return steps.empty() && !original; }
};

/// Changes nothing. Throws as `opened_database`, and `invalid` with what to do if the user may not do it.
[[nodiscard]] MigrationPlan planned_migration(const Config& config);

/// Brings the database up to date, whatever `create_database_schema` says. Throws as `opened_database`.
void migrate_database(const Config& config);

}  // namespace flotilla

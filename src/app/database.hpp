#pragma once

#include <chrono>
#include <memory>

#include "config/config.hpp"
#include "store/sql.hpp"
#include "store/store_metrics.hpp"

namespace flotilla {

/// Opens the database that a configuration names, with its schema up to date. A new file of SQLite can be
/// read by its owner alone; a PostgreSQL that does not answer yet is waited for, half a minute at most.
/// `metrics` outlive the database; null: nothing is measured. Throws `unavailable` if it cannot be reached,
/// `invalid` with what to do if its schema cannot be used.
[[nodiscard]] std::unique_ptr<SqlDatabase> opened_database(const Config& config,
                                                           StoreMetrics* metrics = nullptr,
                                                           std::chrono::seconds patience = {});

}  // namespace flotilla

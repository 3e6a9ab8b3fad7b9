#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "config/config.hpp"

namespace flotilla {

/// What a backup holds.
struct BackupContents {
    std::map<std::string, std::int64_t, std::less<>> rows;  ///< of each table
    std::int64_t logs = 0;                                  ///< files
    std::int64_t log_bytes = 0;
    std::int64_t fitted = 0;  ///< texts that were too long for the database: `fitted_indexed_text` was taken
    std::string made_at;      ///< RFC 3339
    std::string version;      ///< of the program that made it
};

enum class BackupLogs { with, without };

/// Writes all that the database of a configuration holds into one file, as it was at one moment, and the logs
/// of this host as they are after that. Servers may go on meanwhile. Throws `not_found` if there is no
/// database, `invalid` if its schema is not this program's.
BackupContents back_up(const Config& config, const std::filesystem::path& file, BackupLogs logs);

/// Fills an empty database, of either kind, from such a file. What was the host of the backup is this one
/// from then on; logs that are here already stay. Throws `invalid`, having changed nothing of the database's
/// contents, if the file is damaged or the database is not empty.
BackupContents restore(const Config& config, const std::filesystem::path& file);

}  // namespace flotilla

#include "app/database.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hpp"
#include "base/file.hpp"
#include "store/migrations.hpp"
#include "store/sqlite/sqlite_database.hpp"

namespace flotilla {

namespace {

/// SQLite gives the files beside the database its mode (https://www.sqlite.org/tempfiles.html). Why a file
/// cannot be made is for SQLite to say.
void make_private(const std::filesystem::path& file) {
    const UniqueFd made(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
}

}  // namespace

std::filesystem::path prepared_database(const Config& config) {
    const auto file = *sqlite_file(config);
    make_private(file);
    SqliteDatabase database(file);
    if (config.create_database_schema) {
        migrate(database);
    } else if (const auto missing = missing_migrations(database); !missing.empty()) {
        throw invalid("the database {} lacks the migrations {}; set create_database_schema: true to run them",
                      file.string(), fmt::join(missing, ", "));
    }
    return file;
}

}  // namespace flotilla

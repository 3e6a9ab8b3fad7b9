#include "app/tokens.hpp"

#include <system_error>

#include "app/database.hpp"
#include "app/host_config.hpp"
#include "base/crypto.hpp"
#include "base/error.hpp"

namespace flotilla {

namespace {

/// A database that is not there is more often a wrong folder than a new server.
std::filesystem::path existing_database(const std::filesystem::path& folder) {
    const Config config = load_host_config(folder);
    const auto file = *sqlite_file(config);
    std::error_code error;
    if (!std::filesystem::exists(file, error)) {
        throw not_found(
            "there is no database {}: give the server's own --config, or start it once, which makes one",
            file.string());
    }
    return prepared_database(config);
}

}  // namespace

DatabaseTokens::DatabaseTokens(const std::filesystem::path& folder)
    : database_(existing_database(folder)), store_(database_), service_(store_, clock_) {}

std::string DatabaseTokens::create(const std::string& name) {
    return service_.create(name, unguessable_bytes(access_token_bytes));
}

}  // namespace flotilla

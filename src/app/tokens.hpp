#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "service/token_service.hpp"
#include "store/sql_token_store.hpp"
#include "store/sqlite/sqlite_database.hpp"

namespace flotilla {

/// The access tokens in the database that a configuration names. Acts on the file itself, with or without a
/// server running. Throws `Error`s for people.
class DatabaseTokens {
public:
    /// `folder` holds the configuration; without a configuration file, the database is that of `DATA_DIR` or
    /// of the default. Throws `invalid` if the configuration is wrong, `not_found` if there is no database.
    explicit DatabaseTokens(const std::filesystem::path& folder);

    /// The new token, which is not to be had again.
    [[nodiscard]] std::string create(const std::string& name);
    [[nodiscard]] std::vector<AccessToken> list() { return service_.list(); }
    void revoke(const std::string& name) { service_.revoke(name); }

private:
    SystemClock clock_;
    SqliteDatabase database_;
    SqlTokenStore store_;
    TokenService service_;
};

}  // namespace flotilla

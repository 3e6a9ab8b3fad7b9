#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "service/token_service.hpp"
#include "store/sql_token_store.hpp"

namespace flotilla {

/// What happens where there is no database yet: it is refused, as more often the folder is a wrong one, or it
/// is made as a server makes it.
enum class MissingDatabase { refused, made };

/// The access tokens in the database that a configuration names. Acts on the database itself, with or
/// without a server running. Throws `Error`s for people.
class DatabaseTokens {
public:
    /// `folder` holds the configuration; without a configuration file, the database is that of `DATA_DIR` or
    /// of the default. Throws `invalid` if the configuration is wrong, `not_found` if there is no database
    /// and that is refused.
    DatabaseTokens(const std::filesystem::path& folder, MissingDatabase missing);

    /// The database file if there was none before.
    [[nodiscard]] const std::optional<std::filesystem::path>& made() const { return opened_.made; }
    /// The new token, which is not to be had again.
    [[nodiscard]] std::string create(const std::string& name);
    [[nodiscard]] std::vector<AccessToken> list() { return service_.list(); }
    void revoke(const std::string& name) { service_.revoke(name); }

private:
    struct Opened {
        std::unique_ptr<SqlDatabase> database;
        std::optional<std::filesystem::path> made;
    };
    static Opened open(const std::filesystem::path& folder, MissingDatabase missing);

    SystemClock clock_;
    Opened opened_;
    SqlTokenStore store_;
    TokenService service_;
};

}  // namespace flotilla

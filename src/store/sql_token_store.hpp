#pragma once

#include "store/sql.hpp"
#include "store/token_store.hpp"

namespace flotilla {

/// Tokens in SQL. The database outlives this object.
class SqlTokenStore final : public TokenStore {
public:
    explicit SqlTokenStore(SqlDatabase& database) : database_(database) {}

    void insert(const AccessToken& token) override;
    [[nodiscard]] std::optional<AccessToken> find_valid(const std::string& hash) override;
    [[nodiscard]] std::vector<AccessToken> list() override;
    bool revoke(const std::string& name, TimePoint at) override;
    void note_use(const std::string& hash, TimePoint at) override;
    [[nodiscard]] std::string run_token_key(const std::string& fresh) override;

private:
    SqlDatabase& database_;
};

}  // namespace flotilla

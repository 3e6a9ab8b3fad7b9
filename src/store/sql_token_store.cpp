#include "store/sql_token_store.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "store/sql_values.hpp"

namespace flotilla {

namespace {

constexpr std::string_view token_columns = "name, token_hash, created_at, last_used_at, revoked_at";
constexpr std::string_view run_tokens = "run tokens";

AccessToken read_token(const SqlRow& row) {
    return {.name = row.text(0),
            .hash = row.text(1),
            .created_at = time_from(row, 2),
            .last_used_at = optional_time(row, 3),
            .revoked_at = optional_time(row, 4)};
}

}  // namespace

void SqlTokenStore::insert(const AccessToken& token) {
    try {
        database_.write([&](SqlSession& session) {
            session.execute(fmt::format("INSERT INTO tokens ({}) VALUES ($1, $2, $3, $4, $5)", token_columns),
                            {token.name, token.hash, sql_value(token.created_at),
                             sql_value(token.last_used_at), sql_value(token.revoked_at)});
        });
    } catch (const SqlConstraint&) {
        throw conflict("there is a token of the name [{}] already: revoke it first, or choose another name",
                       token.name);
    }
}

std::optional<AccessToken> SqlTokenStore::find_valid(const std::string& hash) {
    std::optional<AccessToken> found;
    database_.read([&](SqlSession& session) {
        session.query(
            fmt::format("SELECT {} FROM tokens WHERE token_hash = $1 AND revoked_at IS NULL", token_columns),
            {hash}, [&](const SqlRow& row) { found = read_token(row); });
    });
    return found;
}

std::vector<AccessToken> SqlTokenStore::list() {
    std::vector<AccessToken> all;
    database_.read([&](SqlSession& session) {
        session.query(
            fmt::format("SELECT {} FROM tokens ORDER BY name, created_at, token_hash", token_columns), {},
            [&](const SqlRow& row) { all.push_back(read_token(row)); });
    });
    return all;
}

bool SqlTokenStore::revoke(const std::string& name, TimePoint at) {
    bool revoked = false;
    database_.write([&](SqlSession& session) {
        revoked = session.execute("UPDATE tokens SET revoked_at = $2 WHERE name = $1 AND revoked_at IS NULL",
                                  {name, sql_value(at)}) > 0;
    });
    return revoked;
}

void SqlTokenStore::note_use(const std::string& hash, TimePoint at) {
    database_.write([&](SqlSession& session) {
        session.execute("UPDATE tokens SET last_used_at = $2 WHERE token_hash = $1", {hash, sql_value(at)});
    });
}

std::string SqlTokenStore::run_token_key(const std::string& fresh) {
    std::string key;
    database_.write([&](SqlSession& session) {
        session.execute(
            "INSERT INTO server_keys (purpose, secret_key) VALUES ($1, $2) ON CONFLICT (purpose) DO NOTHING",
            {std::string(run_tokens), fresh});
        session.query("SELECT secret_key FROM server_keys WHERE purpose = $1", {std::string(run_tokens)},
                      [&](const SqlRow& row) { key = row.text(0); });
    });
    return key;
}

}  // namespace flotilla

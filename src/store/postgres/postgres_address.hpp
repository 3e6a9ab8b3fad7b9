#pragma once

#include <chrono>
#include <map>
#include <string>

namespace flotilla {

/// A database that is there takes a connection within it. The least that libpq counts.
constexpr std::chrono::seconds longest_connecting{2};

/// How to reach a PostgreSQL database: keywords of libpq with their values
/// (https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-PARAMKEYWORDS).
struct PostgresAddress {
    std::map<std::string, std::string> parameters;

    /// The host and database for people, without user and password.
    [[nodiscard]] std::string text() const;
};

/// Reads a connection string as libpq takes it, a URI or `keyword=value ...`, and as Go's pq takes it: there,
/// what is no keyword is a setting of the session, such as `search_path`. What is not said comes from the
/// environment (`PGPASSFILE`, ...) and from libpq; connections notice within seconds that the other side is
/// gone. Throws `invalid` with the reason, without a password in it.
[[nodiscard]] PostgresAddress parse_postgres_address(const std::string& url);

}  // namespace flotilla

#pragma once

#include <memory>
#include <string>

#include "store/postgres/postgres_address.hpp"
#include "store/sql.hpp"
#include "store/store_metrics.hpp"

namespace flotilla {

class PostgresBell;

struct PostgresOptions {
    std::size_t readers = 8;  ///< connections for reads, at most; each is made when it is needed
    std::size_t writers = 3;  ///< connections that write
};

/// Whether a server takes connections there, whoever may use its databases.
[[nodiscard]] bool answers(const PostgresAddress& address);

/// PostgreSQL by libpq. Few threads write: each commits what waits in one transaction (group commit). Where
/// one piece of work fails, all of that transaction are done again, one by one. Readers share a pool of
/// connections. A connection that broke is replaced when it is next needed.
class PostgresDatabase final : public SqlDatabase {
public:
    /// Throws `unavailable` if it cannot be reached, `invalid` if its encoding is not UTF8. `metrics` outlive
    /// this object; null: nothing is measured.
    explicit PostgresDatabase(PostgresAddress address, StoreMetrics* metrics = nullptr,
                              PostgresOptions options = {});
    ~PostgresDatabase() override;

    void read(const Work& work) override;
    void write(const Work& work) override;
    [[nodiscard]] const SqlDialect& dialect() const override;
    void check() override;
    void announce(const std::string& topic) override;
    void listen(const std::string& topic, Wake& wake) override;
    void unlisten(Wake& wake) override;

private:
    class Connections;
    class Writers;

    /// Throws `invalid`: other encodings lack characters that jobs write.
    void require_utf8();

    StoreMetrics* metrics_;
    std::unique_ptr<Connections> connections_;
    std::unique_ptr<PostgresBell> bell_;
    std::unique_ptr<Writers> writers_;
};

}  // namespace flotilla

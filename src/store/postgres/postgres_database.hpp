#pragma once

#include <condition_variable>
#include <memory>
#include <string>

#include "base/guarded.hpp"
#include "store/postgres/postgres_address.hpp"
#include "store/sql.hpp"
#include "store/store_metrics.hpp"

namespace flotilla {

class PostgresBell;
class PostgresPool;

struct PostgresOptions {
    std::size_t readers = 8;  ///< that read at once, at most
    std::size_t writers = 3;  ///< that write at once
};

/// PostgreSQL by libpq. Few threads write: each commits what waits in one transaction (group commit). Where
/// one piece of work fails, all of that transaction are done again, one by one. All share a pool of
/// connections, made when they are needed. A connection that broke is replaced.
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
    class Turn;
    class Writers;

    /// False: the connection had broken before anything was read, and another one may do it.
    bool has_read(const Work& work);
    /// Throws `invalid`: other encodings lack characters that jobs write.
    void require_utf8();

    StoreMetrics* metrics_;
    std::size_t most_readers_;
    Guarded<std::size_t> reading_;
    std::condition_variable read_;  ///< one of them is done
    std::unique_ptr<PostgresPool> pool_;
    std::unique_ptr<PostgresBell> bell_;
    std::unique_ptr<Writers> writers_;
};

}  // namespace flotilla

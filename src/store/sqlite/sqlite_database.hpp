#pragma once

#include <filesystem>
#include <memory>

#include "store/sql.hpp"
#include "store/store_metrics.hpp"

namespace flotilla {

/// SQLite in WAL mode with `synchronous=FULL`. One thread writes: it commits all that waits in one
/// transaction (group commit), each piece of work under a savepoint of its own. Readers have their own
/// connections.
class SqliteDatabase final : public SqlDatabase {
public:
    /// Opens or creates the file. Throws `unavailable` with the reason if it cannot. `metrics` outlive this
    /// object; null: nothing is measured.
    explicit SqliteDatabase(const std::filesystem::path& file, StoreMetrics* metrics = nullptr);
    ~SqliteDatabase() override;

    void read(const Work& work) override;
    void write(const Work& work) override;
    [[nodiscard]] const SqlDialect& dialect() const override;
    void check() override;

private:
    class Connection;
    class Writer;

    class ReadLease;

    std::filesystem::path file_;
    StoreMetrics* metrics_;
    struct Readers;
    std::unique_ptr<Writer> writer_;
    std::unique_ptr<Readers> readers_;
};

}  // namespace flotilla

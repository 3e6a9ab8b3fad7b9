#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "store/sql.hpp"

struct sqlite3;

namespace flotilla::simulation {

/// A row of the table `runs` that a transaction touched.
struct TouchedRow {
    std::int64_t row = 0;
    bool is_removed = false;
};

/// A real SQLite in memory, on one connection, with the product's schema: what a disk is to the simulation.
class MemoryDatabase final : public SqlDatabase {
public:
    using Listener = std::function<void(const std::vector<TouchedRow>&)>;

    MemoryDatabase();
    ~MemoryDatabase() override;

    void read(const Work& work) override;
    void write(const Work& work) override;
    /// Does the work and rolls it back.
    void try_in_vain(const Work& work);
    [[nodiscard]] const SqlDialect& dialect() const override;
    void check() override {}

    /// Empties all tables. Dearer by far would be a new database: its statements have to be prepared.
    void clear();
    /// Is called after each commit with the runs that it touched.
    void on_commit(Listener listener) { listener_ = std::move(listener); }
    /// For a look at the rows as they are.
    [[nodiscard]] SqlSession& session();

private:
    class Session;
    void begin(const Work& work);
    static void note_change(void* self, int operation, const char* database, const char* table,
                            long long row);  // NOLINT(google-runtime-int): as sqlite3_update_hook has it

    std::unique_ptr<Session> session_;
    std::vector<TouchedRow> touched_;
    Listener listener_;
};

}  // namespace flotilla::simulation

#pragma once

#include <memory>

#include <gtest/gtest.h>

#include "contract/postgres_server.hpp"
#include "store/migrations.hpp"
#include "store/postgres/postgres_database.hpp"
#include "store/sql_definition_store.hpp"
#include "store/sql_run_store.hpp"
#include "store/sqlite/sqlite_database.hpp"
#include "support/sample_runs.hpp"
#include "support/temporary_folder.hpp"

namespace flotilla::test {

/// A fresh database of one kind.
class TestDatabase {
public:
    TestDatabase() = default;
    TestDatabase(const TestDatabase&) = delete;
    TestDatabase& operator=(const TestDatabase&) = delete;
    virtual ~TestDatabase() = default;
    virtual SqlDatabase& database() = 0;
};

class TestSqlite final : public TestDatabase {
public:
    SqlDatabase& database() override { return database_; }

private:
    TemporaryFolder folder_;
    SqliteDatabase database_{folder_.path() / "test.db"};
};

class TestPostgres final : public TestDatabase {
public:
    SqlDatabase& database() override { return database_; }

private:
    TestSchema schema_;
    PostgresDatabase database_{parse_postgres_address(schema_.url)};
};

template <typename Database>
std::unique_ptr<TestDatabase> make_database() {
    return std::make_unique<Database>();
}

using MakeDatabase = std::unique_ptr<TestDatabase> (*)();

/// A fresh database with its tables, and the stores on it.
class StoresUnderTest {
protected:
    explicit StoresUnderTest(MakeDatabase make) : holder_(make()), database(holder_->database()) {
        migrate(database);
    }

    /// How the database would answer the query, if its tables were large.
    std::string plan_of(const std::string& sql, const std::vector<SqlValue>& values = {}) {
        const bool is_sqlite = database.dialect().kind() == SqlKind::sqlite;
        std::string plan;
        database.read([&](SqlSession& session) {
            if (!is_sqlite) {
                session.query("SELECT set_config('enable_seqscan', 'off', true)", {}, [](const SqlRow&) {});
            }
            session.query((is_sqlite ? "EXPLAIN QUERY PLAN " : "EXPLAIN ") + sql, values,
                          [&](const SqlRow& row) { plan += row.text(is_sqlite ? 3 : 0) + "\n"; });
        });
        return plan;
    }

private:
    std::unique_ptr<TestDatabase> holder_;

protected:
    SqlDatabase& database;
    SqlDefinitionStore definitions{database};
    SqlRunStore runs{database};
};

/// Runs against every database that the stores are made for.
class StoreContract : public testing::TestWithParam<MakeDatabase>, protected StoresUnderTest {
protected:
    StoreContract() : StoresUnderTest(GetParam()) {}
};

inline const auto every_database = testing::Values(&make_database<TestSqlite>, &make_database<TestPostgres>);
inline std::string name_of(MakeDatabase make) {
    return make == &make_database<TestSqlite> ? "sqlite" : "postgres";
}
inline std::string database_name(const testing::TestParamInfo<MakeDatabase>& info) {
    return name_of(info.param);
}

}  // namespace flotilla::test

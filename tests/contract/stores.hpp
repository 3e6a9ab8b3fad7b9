#pragma once

#include <memory>

#include <gtest/gtest.h>

#include "store/migrations.hpp"
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

template <typename Database>
std::unique_ptr<TestDatabase> make_database() {
    return std::make_unique<Database>();
}

using MakeDatabase = std::unique_ptr<TestDatabase> (*)();

/// Runs against every database that the stores are made for.
class StoreContract : public testing::TestWithParam<MakeDatabase> {
protected:
    StoreContract() : holder_(GetParam()()), database(holder_->database()) { migrate(database); }

private:
    std::unique_ptr<TestDatabase> holder_;

protected:
    SqlDatabase& database;
    SqlDefinitionStore definitions{database};
    SqlRunStore runs{database};
};

inline const auto every_database = testing::Values(&make_database<TestSqlite>);
inline std::string database_name(const testing::TestParamInfo<MakeDatabase>&) {
    return "sqlite";
}

}  // namespace flotilla::test

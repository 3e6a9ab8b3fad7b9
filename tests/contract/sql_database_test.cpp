#include <atomic>
#include <stdexcept>
#include <thread>

#include "base/error.hpp"
#include "contract/stores.hpp"

namespace flotilla {
namespace {

class SqlDatabaseContract : public test::StoreContract {
protected:
    SqlDatabaseContract() {
        database.write([](SqlSession& session) {
            session.execute("CREATE TABLE numbers (number BIGINT PRIMARY KEY, word TEXT)", {});
        });
    }

    std::vector<std::int64_t> numbers() {
        std::vector<std::int64_t> found;
        database.read([&](SqlSession& session) {
            session.query("SELECT number FROM numbers ORDER BY number", {},
                          [&](const SqlRow& row) { found.push_back(row.integer(0)); });
        });
        return found;
    }
    static void insert(SqlSession& session, std::int64_t number) {
        session.execute("INSERT INTO numbers (number, word) VALUES ($1, $2)", {number, nullptr});
    }
};

TEST_P(SqlDatabaseContract, WhatAFailedTransactionDidIsUndone) {
    EXPECT_THROW(database.write([](SqlSession& session) {
        insert(session, 1);
        throw std::runtime_error("changed its mind");
    }),
                 std::runtime_error);
    EXPECT_TRUE(numbers().empty());
}

TEST_P(SqlDatabaseContract, ManyThreadsWriteAndOneFailureHurtsNobodyElse) {
    std::atomic<int> refused = 0;
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 8; ++thread) {
            threads.emplace_back([&, thread] {
                for (int i = 0; i < 25; ++i) {
                    database.write([&](SqlSession& session) { insert(session, thread * 100 + i); });
                    try {
                        database.write([&](SqlSession& session) { insert(session, thread * 100 + i); });
                    } catch (const SqlConstraint&) {
                        ++refused;
                    }
                }
            });
        }
    }
    EXPECT_EQ(numbers().size(), 200U);
    EXPECT_EQ(refused, 200);
}

TEST_P(SqlDatabaseContract, ParametersAreBoundByTheirNumberAndMayRepeat) {
    database.write([](SqlSession& session) {
        session.execute("INSERT INTO numbers (word, number) VALUES ($2, $1)",
                        {std::int64_t{5}, std::string("five")});
    });
    std::string word;
    database.read([&](SqlSession& session) {
        session.query("SELECT word FROM numbers WHERE number = $2 AND word = $1 AND number = $2",
                      {std::string("five"), std::int64_t{5}}, [&](const SqlRow& row) { word = row.text(0); });
    });
    EXPECT_EQ(word, "five");
}

TEST_P(SqlDatabaseContract, AWrongStatementIsAnErrorNotACrash) {
    EXPECT_THROW(database.read(
                     [](SqlSession& session) { session.query("SELECT nonsense", {}, [](const SqlRow&) {}); }),
                 Error);
    EXPECT_NO_THROW(numbers());
}

TEST_P(SqlDatabaseContract, AStatementMayBeGivenSoMuchTimeAndTheNextTransactionHasAllAgain) {
    const auto count = [](SqlSession& session, std::int64_t most) {
        std::int64_t numbers = 0;
        session.query(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) SELECT COUNT(*) "
            "FROM n",
            {most}, [&](const SqlRow& row) { numbers = row.integer(0); });
        return numbers;
    };
    EXPECT_THROW(database.read([&](SqlSession& session) {
        session.limit_time(std::chrono::milliseconds{20});
        count(session, 1'000'000'000);
    }),
                 SqlTooLong);
    database.read([&](SqlSession& session) { EXPECT_EQ(count(session, 200'000), 200'000); });
}

TEST_P(SqlDatabaseContract, MigrationsRunOnce) {
    EXPECT_TRUE(missing_migrations(database).empty());
    EXPECT_NO_THROW(migrate(database));
}

TEST_P(SqlDatabaseContract, ADatabaseOfANewerVersionIsRefused) {
    database.write([](SqlSession& session) {
        session.execute("INSERT INTO migrations (number, name) VALUES (9999, 'future')", {});
    });
    EXPECT_THROW(migrate(database), Error);
}

TEST_P(SqlDatabaseContract, AProgramServesALaterSchemaOnlyIfEachLaterStepSaysSo) {
    auto later = migrations();
    const int known = later.back().number;
    const auto serves_known = fmt::format("-- serves: {}\nCREATE TABLE more (id TEXT NOT NULL);\n", known);
    later.push_back({known + 1, "more", serves_known});
    migrate(database, later);
    EXPECT_EQ(schema_version(database), known + 1);
    EXPECT_TRUE(missing_migrations(database).empty());
    EXPECT_NO_THROW(migrate(database));

    later.push_back({known + 2, "changed", "ALTER TABLE more ADD COLUMN changed TEXT;\n"});
    later.push_back(
        {known + 3, "again", std::string_view(serves_known).substr(0, serves_known.find('\n') + 1)});
    migrate(database, later);
    EXPECT_EQ(schema_version(database), known + 3);
    EXPECT_THROW((void)missing_migrations(database), Error);
    EXPECT_THROW(migrate(database), Error);
}

INSTANTIATE_TEST_SUITE_P(Every, SqlDatabaseContract, test::every_database, test::database_name);

}  // namespace
}  // namespace flotilla

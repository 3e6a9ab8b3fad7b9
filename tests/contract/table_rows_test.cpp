#include "store/table_rows.hpp"

#include <gmock/gmock.h>

#include "contract/stores.hpp"

namespace flotilla {
namespace {

class TableRowsContract : public test::StoreContract {
protected:
    std::vector<std::string> tables() {
        const bool is_sqlite = database.dialect().kind() == SqlKind::sqlite;
        std::vector<std::string> names;
        database.read([&](SqlSession& session) {
            session.query(is_sqlite
                              ? "SELECT name FROM sqlite_schema WHERE type = 'table'"
                              : "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()",
                          {}, [&](const SqlRow& row) { names.push_back(row.text(0)); });
        });
        return names;
    }
    std::vector<std::vector<SqlValue>> rows_of(SqlSession& session, std::string_view table) {
        std::vector<std::vector<SqlValue>> rows;
        read_rows(session, table, columns_of(session, table), [&](const auto& row) { rows.push_back(row); });
        return rows;
    }
};

TEST_P(TableRowsContract, EveryTableThatHoldsDataIsNamed) {
    std::vector<std::string> expected(data_tables().begin(), data_tables().end());
    expected.emplace_back("migrations");
    expected.emplace_back("schema_serves");
    for (const auto* const kept_by_the_database : {"run_env", "run_counts", "waiting_owners"}) {
        expected.emplace_back(kept_by_the_database);
    }
    EXPECT_THAT(tables(), testing::UnorderedElementsAreArray(expected));
}

TEST_P(TableRowsContract, RowsComeBackAsTheyWere) {
    const auto definition = test::sample_definition("job");
    definitions.insert(definition);
    runs.insert(test::sample_run("r1", definition));
    const auto before = runs.find({"r1"});
    database.write([&](SqlSession& session) {
        const auto rows = rows_of(session, "runs");
        std::vector<std::string> columns;
        for (const TableColumn& column : columns_of(session, "runs")) {
            columns.push_back(column.name);
        }
        session.execute("DELETE FROM runs", {});
        EXPECT_TRUE(is_empty(session, "runs"));
        for (const auto& row : rows) {
            session.execute(insert_sql("runs", columns), row);
        }
        EXPECT_EQ(rows_of(session, "runs"), rows);
    });
    EXPECT_EQ(runs.find({"r1"})->queued_at, before->queued_at);
    EXPECT_EQ(runs.find({"r1"})->spec.cpu, before->spec.cpu);
}

INSTANTIATE_TEST_SUITE_P(Every, TableRowsContract, test::every_database, test::database_name);

}  // namespace
}  // namespace flotilla

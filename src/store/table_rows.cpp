#include "store/table_rows.hpp"

#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace flotilla {

std::span<const std::string_view> data_tables() {
    static constexpr std::array<std::string_view, 11> tables{
        "definitions",        "definition_tags", "owner_turns", "runs",           "attempts",
        "idempotence_keys",   "tokens",          "hosts",       "logs_to_remove", "server_keys",
        "retired_definitions"};
    return tables;
}

std::vector<TableColumn> columns_of(SqlSession& session, std::string_view table) {
    std::vector<TableColumn> columns;
    session.query(session.dialect().columns(), {std::string(table)}, [&](const SqlRow& row) {
        columns.push_back({row.text(0), row.integer(1) != 0});
    });
    return columns;
}

void read_rows(SqlSession& session, std::string_view table, const std::vector<TableColumn>& columns,
               const std::function<void(const std::vector<SqlValue>&)>& on_row) {
    std::vector<std::string_view> names;
    names.reserve(columns.size());
    for (const TableColumn& column : columns) {
        names.push_back(column.name);
    }
    session.query(fmt::format("SELECT {} FROM {}", fmt::join(names, ", "), table), {},
                  [&](const SqlRow& row) {
                      std::vector<SqlValue> values;
                      values.reserve(columns.size());
                      for (std::size_t i = 0; i < columns.size(); ++i) {
                          const int place = static_cast<int>(i);
                          if (row.is_null(place)) {
                              values.emplace_back(nullptr);
                          } else if (columns[i].is_integer) {
                              values.emplace_back(row.integer(place));
                          } else {
                              values.emplace_back(row.text(place));
                          }
                      }
                      on_row(values);
                  });
}

std::string insert_sql(std::string_view table, const std::vector<std::string>& columns) {
    std::vector<std::string> parameters;
    for (std::size_t i = 1; i <= columns.size(); ++i) {
        parameters.push_back(fmt::format("${}", i));
    }
    return fmt::format("INSERT INTO {} ({}) VALUES ({})", table, fmt::join(columns, ", "),
                       fmt::join(parameters, ", "));
}

bool is_empty(SqlSession& session, std::string_view table) {
    bool found = false;
    session.query(fmt::format("SELECT 1 FROM {} LIMIT 1", table), {}, [&](const SqlRow&) { found = true; });
    return !found;
}

}  // namespace flotilla

#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/sql.hpp"

namespace flotilla {

struct TableColumn {
    std::string name;
    bool is_integer = false;  ///< else it is text
};

/// The tables that hold what users and servers put there, each after those that it refers to.
[[nodiscard]] std::span<const std::string_view> data_tables();

/// The columns of one of them.
[[nodiscard]] std::vector<TableColumn> columns_of(SqlSession& session, std::string_view table);

/// Calls `on_row` with the values of each row, in the order of `columns`.
void read_rows(SqlSession& session, std::string_view table, const std::vector<TableColumn>& columns,
               const std::function<void(const std::vector<SqlValue>&)>& on_row);

/// The statement that inserts a row of these columns.
[[nodiscard]] std::string insert_sql(std::string_view table, const std::vector<std::string>& columns);

[[nodiscard]] bool is_empty(SqlSession& session, std::string_view table);

}  // namespace flotilla

#pragma once

#include "store/sql.hpp"

namespace flotilla {

/// The one number that a query answers; 0 if it answers no row.
[[nodiscard]] std::int64_t number_of(SqlSession& session, std::string_view sql,
                                     const std::vector<SqlValue>& values = {});

[[nodiscard]] bool has_table(SqlSession& session, const std::string& name);

}  // namespace flotilla

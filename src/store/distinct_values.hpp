#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/list_sql.hpp"
#include "store/sql.hpp"

namespace flotilla {

/// The values that a text column of a table has, sorted by bytes; nothing if there are more than `most`. They
/// are found by stepping from one to the next in an index that begins with what `where` asks for (a
/// condition; empty: none), then has the column: what it costs does not depend on how many rows there are.
[[nodiscard]] std::optional<std::vector<std::string>> distinct_values(SqlSession& session,
                                                                      std::string_view table,
                                                                      std::string_view column, SqlText where,
                                                                      std::int64_t most);

}  // namespace flotilla

#include "store/distinct_values.hpp"

#include <fmt/format.h>

namespace flotilla {

std::optional<std::vector<std::string>> distinct_values(SqlSession& session, std::string_view table,
                                                        std::string_view column, SqlText where,
                                                        std::int64_t most) {
    const auto next = fmt::format("SELECT MIN({0}) FROM {1} WHERE {2}{3}{0}", column, table, where.sql,
                                  where.sql.empty() ? "" : " AND ");
    const auto limit = where.bind(most + 1);
    std::vector<std::string> values;
    session.query(
        fmt::format("WITH RECURSIVE found (value) AS ({0} >= ''"
                    " UNION ALL SELECT ({0} > found.value) FROM found WHERE found.value IS NOT NULL)"
                    " SELECT value FROM found WHERE value IS NOT NULL LIMIT {1}",
                    next, limit),
        where.values, [&](const SqlRow& row) { values.push_back(row.text(0)); });
    return std::ssize(values) > most ? std::nullopt : std::optional(std::move(values));
}

}  // namespace flotilla

#include "store/sql_lookup.hpp"

namespace flotilla {

std::int64_t number_of(SqlSession& session, std::string_view sql, const std::vector<SqlValue>& values) {
    std::int64_t number = 0;
    session.query(sql, values, [&](const SqlRow& row) { number = row.integer(0); });
    return number;
}

bool has_table(SqlSession& session, const std::string& name) {
    bool found = false;
    session.query(session.dialect().find_table(), {name}, [&](const SqlRow&) { found = true; });
    return found;
}

}  // namespace flotilla

#include "store/postgres/schema_rights.hpp"

#include <string>

#include "base/error.hpp"

namespace flotilla {

namespace {

struct Rights {
    std::string user;
    std::string schema;  ///< empty: none that the user may use
    bool may_create = false;
    bool is_read_only = false;
    std::string foreign_table;  ///< of another owner; empty: there is none
};

Rights rights_in(SqlSession& session) {
    Rights rights;
    session.query(
        "SELECT current_user::text, COALESCE(current_schema()::text, ''),"
        " COALESCE(has_schema_privilege(current_schema(), 'CREATE'), FALSE)::int::bigint,"
        " (pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on')::int::bigint,"
        " COALESCE((SELECT MIN(tablename::text) FROM pg_tables WHERE schemaname = current_schema()"
        "   AND tablename IN ('migrations', 'definitions', 'runs')"
        "   AND NOT pg_has_role(tableowner, 'USAGE')), '')",
        {}, [&](const SqlRow& row) {
            rights = {row.text(0), row.text(1), row.integer(2) != 0, row.integer(3) != 0, row.text(4)};
        });
    return rights;
}

}  // namespace

void check_may_migrate(SqlDatabase& database) {
    Rights rights;
    database.read([&](SqlSession& session) { rights = rights_in(session); });
    if (rights.is_read_only) {
        throw invalid(
            "the database takes no changes: it is a standby, or default_transaction_read_only is on");
    }
    if (rights.schema.empty()) {
        throw invalid(
            "user {} may use no schema of the search_path: create one and GRANT USAGE, CREATE ON SCHEMA to "
            "it",
            rights.user);
    }
    if (!rights.may_create) {
        throw invalid("user {0} may not make tables in schema {1}: GRANT CREATE ON SCHEMA {1} TO {0}",
                      rights.user, rights.schema);
    }
    if (!rights.foreign_table.empty()) {
        throw invalid("user {} does not own the table {}: migrate as its owner", rights.user,
                      rights.foreign_table);
    }
}

}  // namespace flotilla

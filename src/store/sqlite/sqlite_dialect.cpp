#include "store/sqlite/sqlite_dialect.hpp"

#include <fmt/format.h>

namespace flotilla {

namespace {

class SqliteDialect final : public SqlDialect {
public:
    SqlKind kind() const override { return SqlKind::sqlite; }
    std::string contains(std::string_view column, std::string_view parameter) const override {
        return fmt::format("instr({}, {}) > 0", column, parameter);
    }
    std::string has_env(std::string_view column, std::string_view name,
                        std::string_view value) const override {
        return fmt::format(
            "EXISTS (SELECT 1 FROM json_each({}) AS variable WHERE json_extract(variable.value, '$.name') = "
            "{}"
            " AND json_extract(variable.value, '$.value') = {})",
            column, name, value);
    }
    std::string has_label(std::string_view column, std::string_view name,
                          std::string_view value) const override {
        return fmt::format(
            "EXISTS (SELECT 1 FROM json_each({}) AS label WHERE label.key = {} AND label.value = {})", column,
            name, value);
    }
    // https://www.sqlite.org/optoverview.html#disqualifying_where_clause_terms_using_unary_
    std::string unindexed(std::string_view column) const override { return fmt::format("+{}", column); }
    std::string schema(std::string_view statement) const override { return std::string(statement); }
    // One transaction writes at a time, so nothing has to be locked.
    std::string_view schema_lock() const override { return ""; }
    std::string_view find_table() const override {
        return "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = $1";
    }
    std::string_view columns() const override {
        return "SELECT name, type = 'BIGINT' FROM pragma_table_info($1) ORDER BY cid";
    }
    std::string_view after_filling() const override { return ""; }
    std::string_view now() const override {
        return "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)";
    }
    std::string_view for_update() const override { return ""; }
    std::string_view for_key_share() const override { return ""; }
    std::string_view for_update_skip_locked() const override { return ""; }
};

}  // namespace

const SqlDialect& sqlite_dialect() {
    static const SqliteDialect dialect;
    return dialect;
}

}  // namespace flotilla

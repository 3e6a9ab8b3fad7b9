#include "store/postgres/postgres_dialect.hpp"

#include <regex>

#include <fmt/format.h>

namespace flotilla {

namespace {

class PostgresDialect final : public SqlDialect {
public:
    SqlKind kind() const override { return SqlKind::postgres; }
    std::string contains(std::string_view column, std::string_view parameter) const override {
        // In this form an index of trigrams helps.
        return fmt::format(
            R"({} LIKE '%' || replace(replace(replace({}, '\', '\\'), '%', '\%'), '_', '\_') || '%')", column,
            parameter);
    }
    std::string has_env(std::string_view column, std::string_view name,
                        std::string_view value) const override {
        return fmt::format(
            "{}::jsonb @> jsonb_build_array(jsonb_build_object('name', {}::text, 'value', {}::text))", column,
            name, value);
    }
    std::string has_label(std::string_view column, std::string_view name,
                          std::string_view value) const override {
        return fmt::format("{}::jsonb @> jsonb_build_object({}::text, {}::text)", column, name, value);
    }
    std::string unindexed(std::string_view column) const override { return std::string(column); }
    std::string schema(std::string_view statement) const override {
        // Text is compared by bytes, whatever the database's own order is.
        static const std::regex text(R"(\bTEXT\b)");
        return std::regex_replace(std::string(statement), text, R"(TEXT COLLATE "C")");
    }
    std::string_view schema_lock() const override {
        return "SELECT pg_advisory_xact_lock(hashtext('flotilla schema'))";
    }
    std::string_view find_table() const override {
        // Those that this user may not read, too, which information_schema would not show.
        return "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = $1";
    }
    std::string_view columns() const override {
        return "SELECT column_name::text, (data_type = 'bigint')::int FROM information_schema.columns"
               " WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position";
    }
    std::string_view after_filling() const override { return "ANALYZE"; }
    std::string_view now() const override {
        return "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint";
    }
    std::string_view for_update() const override { return " FOR UPDATE"; }
    std::string_view for_key_share() const override { return " FOR KEY SHARE"; }
    std::string_view for_update_skip_locked() const override { return " FOR UPDATE SKIP LOCKED"; }
};

}  // namespace

const SqlDialect& postgres_dialect() {
    static const PostgresDialect dialect;
    return dialect;
}

}  // namespace flotilla

#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include <libpq-fe.h>

#include "store/sql.hpp"

namespace flotilla {

/// Values as they travel to the server: numbers in network order, texts as they are. The values outlive it.
class PostgresParameters {
public:
    explicit PostgresParameters(const std::vector<SqlValue>& values);

    [[nodiscard]] int count() const { return static_cast<int>(pointers_.size()); }
    [[nodiscard]] const char* const* pointers() const { return pointers_.data(); }
    [[nodiscard]] const int* lengths() const { return lengths_.data(); }
    [[nodiscard]] const int* formats() const { return formats_.data(); }

private:
    void add(const char* pointer, std::size_t length);
    void add_text(const std::string& text);

    std::vector<std::uint64_t> numbers_;
    std::deque<std::string> cleaned_;
    std::vector<const char*> pointers_;
    std::vector<int> lengths_;
    std::vector<int> formats_;
};

/// What a statement with these values is prepared for.
[[nodiscard]] std::vector<Oid> postgres_types(const std::vector<SqlValue>& values);

/// A row of a result, which outlives it.
class PostgresRow final : public SqlRow {
public:
    PostgresRow(const PGresult& result, int row) : result_(result), row_(row) {}
    [[nodiscard]] bool is_null(int column) const override;
    [[nodiscard]] std::int64_t integer(int column) const override;
    [[nodiscard]] std::string text(int column) const override;

private:
    const PGresult& result_;
    int row_;
};

}  // namespace flotilla

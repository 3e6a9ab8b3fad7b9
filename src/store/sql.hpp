#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace flotilla {

using SqlValue = std::variant<std::nullptr_t, std::int64_t, std::string>;

/// One row of an answer. Columns count from 0. A NULL is 0, an empty text, or nothing.
class SqlRow {
public:
    SqlRow() = default;
    SqlRow(const SqlRow&) = delete;
    SqlRow& operator=(const SqlRow&) = delete;
    virtual ~SqlRow() = default;
    [[nodiscard]] virtual bool is_null(int column) const = 0;
    [[nodiscard]] virtual std::int64_t integer(int column) const = 0;
    [[nodiscard]] virtual std::string text(int column) const = 0;
};

/// A statement would break a unique or foreign key.
class SqlConstraint : public std::exception {
public:
    explicit SqlConstraint(std::string message) : message_(std::move(message)) {}
    [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }

private:
    std::string message_;
};

/// The inside of one transaction.
class SqlSession {
public:
    using RowHandler = std::function<void(const SqlRow&)>;

    SqlSession() = default;
    SqlSession(const SqlSession&) = delete;
    SqlSession& operator=(const SqlSession&) = delete;
    virtual ~SqlSession() = default;

    /// Runs one statement; `$1`, `$2`, ... are bound to `values`. Calls `on_row` for each row of the answer.
    /// Throws `SqlConstraint`, or `unavailable` when the database fails.
    virtual void query(std::string_view sql, const std::vector<SqlValue>& values,
                       const RowHandler& on_row) = 0;

    /// Runs one statement that answers no rows; says how many it changed.
    virtual std::int64_t execute(std::string_view sql, const std::vector<SqlValue>& values) = 0;
};

/// What two databases say differently.
class SqlDialect {
public:
    SqlDialect() = default;
    SqlDialect(const SqlDialect&) = delete;
    SqlDialect& operator=(const SqlDialect&) = delete;
    virtual ~SqlDialect() = default;
    /// An expression that is true if the text `column` contains `parameter`, case-sensitive.
    [[nodiscard]] virtual std::string contains(std::string_view column, std::string_view parameter) const = 0;
    /// An expression that is true if the JSON list `column` of `{name, value}` has the pair.
    [[nodiscard]] virtual std::string has_env(std::string_view column, std::string_view name,
                                              std::string_view value) const = 0;
    /// An expression that is true if the flat JSON object `column` has the pair.
    [[nodiscard]] virtual std::string has_label(std::string_view column, std::string_view name,
                                                std::string_view value) const = 0;
};

/// A database. Safe to call from any thread; both calls block. A statement's text is prepared once a
/// connection. Throws `unavailable` when the database cannot be reached.
class SqlDatabase {
public:
    using Work = std::function<void(SqlSession&)>;

    SqlDatabase() = default;
    SqlDatabase(const SqlDatabase&) = delete;
    SqlDatabase& operator=(const SqlDatabase&) = delete;
    virtual ~SqlDatabase() = default;

    /// Reads from one consistent state.
    virtual void read(const Work& work) = 0;
    /// Does `work` in a transaction and returns when it is durable. When `work` throws, nothing of it stays
    /// and the exception comes out here. Transactions run one after another; `work` may be run again from the
    /// start.
    virtual void write(const Work& work) = 0;
    [[nodiscard]] virtual const SqlDialect& dialect() const = 0;
    /// Reads and writes, changing nothing. Throws `unavailable` with the reason if either fails.
    virtual void check() = 0;
};

}  // namespace flotilla

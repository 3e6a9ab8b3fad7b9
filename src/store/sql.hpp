#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/wake.hpp"
#include "store/unstorable.hpp"

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
class SqlConstraint : public Unstorable {
public:
    using Unstorable::Unstorable;
};

/// A statement took longer than it may.
class SqlTooLong : public std::exception {
public:
    [[nodiscard]] const char* what() const noexcept override { return "the statement took too long"; }
};

class SqlDialect;

/// The inside of one transaction.
class SqlSession {
public:
    using RowHandler = std::function<void(const SqlRow&)>;

    SqlSession() = default;
    SqlSession(const SqlSession&) = delete;
    SqlSession& operator=(const SqlSession&) = delete;
    virtual ~SqlSession() = default;

    /// Runs one statement; `$1`, `$2`, ... are bound to `values`. Calls `on_row` for each row of the answer.
    /// Throws `SqlConstraint`, another `Unstorable`, or `unavailable` when the database fails.
    virtual void query(std::string_view sql, const std::vector<SqlValue>& values,
                       const RowHandler& on_row) = 0;

    /// Runs one statement that answers no rows; says how many it changed.
    virtual std::int64_t execute(std::string_view sql, const std::vector<SqlValue>& values) = 0;

    /// From here to the end of the transaction each statement may take so long, then it throws `SqlTooLong`,
    /// after which nothing else can be asked in this transaction.
    virtual void limit_time(std::chrono::milliseconds limit) = 0;

    [[nodiscard]] virtual const SqlDialect& dialect() const = 0;
};

enum class SqlKind { sqlite, postgres };

/// What two databases say differently. Locks are for databases that write more than one transaction at once.
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
    [[nodiscard]] virtual SqlKind kind() const = 0;
    /// The column in a condition by which rows are not looked for in an index, where the database plans
    /// without statistics; else as it is.
    [[nodiscard]] virtual std::string unindexed(std::string_view column) const = 0;
    /// A statement of a migration in this database's words.
    [[nodiscard]] virtual std::string schema(std::string_view statement) const = 0;
    /// A query that waits until nobody else changes the schema; empty if nobody else can.
    [[nodiscard]] virtual std::string_view schema_lock() const = 0;
    /// A query that answers a row if there is a table `$1`.
    [[nodiscard]] virtual std::string_view find_table() const = 0;
    /// A query that answers the names of the columns of table `$1` in their order, each with 1 if it holds
    /// integers, else 0.
    [[nodiscard]] virtual std::string_view columns() const = 0;
    /// A statement after much was inserted, so that queries are planned for it; empty if none is needed.
    [[nodiscard]] virtual std::string_view after_filling() const = 0;
    /// The time by the database's clock, in microseconds since 1970.
    [[nodiscard]] virtual std::string_view now() const = 0;
    /// At the end of a SELECT: its rows change only with this transaction.
    [[nodiscard]] virtual std::string_view for_update() const = 0;
    /// The same, but they are only kept from going away.
    [[nodiscard]] virtual std::string_view for_key_share() const = 0;
    /// As `for_update`, without those that another transaction has.
    [[nodiscard]] virtual std::string_view for_update_skip_locked() const = 0;
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
    /// and the exception comes out here. `work` may be run again from the start. Transactions may run side by
    /// side: what they read and then write by it they lock (`SqlDialect`).
    virtual void write(const Work& work) = 0;
    [[nodiscard]] virtual const SqlDialect& dialect() const = 0;
    /// Reads and writes, changing nothing. Throws `unavailable` with the reason if either fails.
    virtual void check() = 0;

    /// Tells the other servers of this database that there is something to do. A hint: it may be lost.
    virtual void announce(const std::string& topic) { static_cast<void>(topic); }
    /// Wakes `wake` whenever another server announces the topic, until `unlisten`. See `Listening`.
    virtual void listen(const std::string& topic, Wake& wake) {
        static_cast<void>(topic);
        static_cast<void>(wake);
    }
    virtual void unlisten(Wake& wake) { static_cast<void>(wake); }
};

/// Wakes a worker when another server announces a topic, while this lives.
class Listening {
public:
    Listening(SqlDatabase& database, const std::string& topic, Wake& wake)
        : database_(database), wake_(wake) {
        database_.listen(topic, wake_);
    }
    Listening(const Listening&) = delete;
    Listening& operator=(const Listening&) = delete;
    ~Listening() { database_.unlisten(wake_); }

private:
    SqlDatabase& database_;
    Wake& wake_;
};

}  // namespace flotilla

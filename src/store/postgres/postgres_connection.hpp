#pragma once

#include <deque>
#include <optional>
#include <string>
#include <unordered_map>

#include <libpq-fe.h>

#include "base/error.hpp"
#include "store/postgres/postgres_address.hpp"
#include "store/sql.hpp"

namespace flotilla {

/// The connection is gone, or the database is one that does not write; another connection may help.
class PostgresConnectionLost : public Error {
public:
    explicit PostgresConnectionLost(const std::string& reason) : Error(ErrorKind::unavailable, reason) {}
};

/// Two transactions were in each other's way: the same work done again as a rule succeeds.
class PostgresTryAgain : public Error {
public:
    explicit PostgresTryAgain(const std::string& reason) : Error(ErrorKind::unavailable, reason) {}
};

/// What was to be written finds no room on the disk of the database.
class PostgresFull : public Error {
public:
    explicit PostgresFull(const std::string& reason) : Error(ErrorKind::unavailable, reason) {}
};

/// One connection with its prepared statements; used by one thread at a time. What needs no answer (the begin
/// of a transaction, the end of a read) travels together with the next statement.
class PostgresConnection final : public SqlSession {
public:
    /// Throws `PostgresConnectionLost` with the reason.
    explicit PostgresConnection(const PostgresAddress& address);
    ~PostgresConnection() override;

    /// Begins a transaction with the next statement.
    void begin_read();
    void begin_write();
    /// Returns when what was written is durable.
    void commit();
    /// Ends a transaction that only read.
    void end_read();
    /// Throws nothing: a connection that cannot do it is not usable any more.
    void roll_back() noexcept;

    void query(std::string_view sql, const std::vector<SqlValue>& values, const RowHandler& on_row) override;
    std::int64_t execute(std::string_view sql, const std::vector<SqlValue>& values) override;
    void limit_time(std::chrono::milliseconds limit) override;
    [[nodiscard]] const SqlDialect& dialect() const override;

    [[nodiscard]] bool is_usable() const { return is_usable_; }
    /// Whether a row was handed out since the transaction began.
    [[nodiscard]] bool has_handed_out_rows() const { return has_handed_out_rows_; }

private:
    struct TextHash : std::hash<std::string_view> {
        using is_transparent = void;
    };
    struct Failure {
        std::string state;
        std::string message;
    };

    enum class Answer { command, statement, sync };
    using Take = std::function<void(const PGresult&)>;

    /// Sends `sql` without waiting for its answer.
    void post(const char* sql);
    /// The name of the prepared statement.
    std::string prepare(std::string_view sql, const std::vector<SqlValue>& values);
    /// Sends the statement, and hands out its rows; the number of rows that it changed.
    std::int64_t run(std::string_view sql, const std::vector<SqlValue>& values, const RowHandler* on_row);
    /// Reads all answers that are to come; `take` gets that of the statement, part by part.
    void read_answers(const Take& take, bool row_by_row);
    void read_command(const Take* take, std::optional<Failure>& failure);
    void read_sync();
    void sync();
    [[noreturn]] void fail(const Failure& failure);
    [[noreturn]] void lose(const std::string& reason);
    void require(int succeeded);

    PGconn* connection_ = nullptr;
    std::unordered_map<std::string, std::string, TextHash, std::equal_to<>> statements_;
    std::deque<Answer> to_come_;  ///< in the order in which they come
    bool is_usable_ = true;
    bool is_in_transaction_ = false;
    bool has_handed_out_rows_ = false;
    std::size_t number_ = 0;  ///< of statements prepared so far
};

}  // namespace flotilla

#include "store/postgres/postgres_connection.hpp"

#include <charconv>
#include <chrono>
#include <exception>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <poll.h>

#include "store/postgres/keywords.hpp"
#include "store/postgres/postgres_dialect.hpp"
#include "store/postgres/postgres_values.hpp"

namespace flotilla {

namespace {

using namespace std::chrono_literals;
using Result = std::unique_ptr<PGresult, decltype(&::PQclear)>;

/// Without an answer for so long the server is asked whether it is there.
constexpr std::chrono::milliseconds longest_silence = 1s;

/// What a library says, in one line.
std::string one_line(const char* text) {
    std::string line(text == nullptr ? "" : text);
    while (!line.empty() && line.back() == '\n') {
        line.pop_back();
    }
    for (char& c : line) {
        c = c == '\n' || c == '\t' ? ' ' : c;
    }
    return line;
}

bool is_failure(ExecStatusType status) {
    return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
}

/// A server that stops, starts, or only stands by (class 57P and 25006 of
/// https://www.postgresql.org/docs/15/errcodes-appendix.html), or a connection that broke.
bool ends_connection(std::string_view state) {
    return state.empty() || state.starts_with("08") || state.starts_with("57P") || state == "25006" ||
           state == "25P03" || state == "XX000";
}

}  // namespace

PostgresConnection::PostgresConnection(const PostgresAddress& address) : address_(address) {
    const Keywords keywords(address);
    connection_ = ::PQconnectdbParams(keywords.names.data(), keywords.values.data(), 0);
    if (::PQstatus(connection_) != CONNECTION_OK) {
        const std::string reason = one_line(::PQerrorMessage(connection_));
        ::PQfinish(connection_);
        throw PostgresConnectionLost(fmt::format("the database cannot be reached: {}", reason));
    }
    ::PQsetNoticeProcessor(
        connection_, [](void*, const char*) {}, nullptr);
    ::PQsetnonblocking(connection_, 1);
    ::PQenterPipelineMode(connection_);
}

PostgresConnection::~PostgresConnection() {
    ::PQfinish(connection_);
}

void PostgresConnection::begin_read() {
    has_handed_out_rows_ = false;
    is_in_transaction_ = true;
    post("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
}

void PostgresConnection::limit_time(std::chrono::milliseconds limit) {
    post(fmt::format("SET LOCAL statement_timeout = {}", limit.count()).c_str());
}

void PostgresConnection::begin_write() {
    has_handed_out_rows_ = false;
    is_in_transaction_ = true;
    post("BEGIN ISOLATION LEVEL READ COMMITTED");
}

void PostgresConnection::commit() {
    is_in_transaction_ = false;
    bool is_committed = false;
    require(::PQsendQueryParams(connection_, "COMMIT", 0, nullptr, nullptr, nullptr, nullptr, 0));
    to_come_.push_back(Answer::statement);
    read_answers(
        [&](const PGresult& result) {
            // That of a transaction in which something failed is "ROLLBACK".
            is_committed = std::string_view(::PQcmdStatus(const_cast<PGresult*>(&result))) == "COMMIT";
        },
        false);
    if (!is_committed) {
        throw PostgresTryAgain("the database did not commit");
    }
}

void PostgresConnection::end_read() {
    is_in_transaction_ = false;
    post("COMMIT");
    sync();
}

void PostgresConnection::roll_back() noexcept {
    if (!is_usable_ || !is_in_transaction_) {
        return;
    }
    is_in_transaction_ = false;
    try {
        post("ROLLBACK");
        read_answers([](const PGresult&) {}, false);
    } catch (const std::exception&) {
        is_usable_ = false;
    }
}

void PostgresConnection::query(std::string_view sql, const std::vector<SqlValue>& values,
                               const RowHandler& on_row) {
    run(sql, values, &on_row);
}

std::int64_t PostgresConnection::execute(std::string_view sql, const std::vector<SqlValue>& values) {
    return run(sql, values, nullptr);
}

const SqlDialect& PostgresConnection::dialect() const {
    return postgres_dialect();
}

void PostgresConnection::post(const char* sql) {
    require(::PQsendQueryParams(connection_, sql, 0, nullptr, nullptr, nullptr, nullptr, 0));
    to_come_.push_back(Answer::command);
}

std::string PostgresConnection::prepare(std::string_view sql, const std::vector<SqlValue>& values) {
    const auto known = statements_.find(sql);
    if (known != statements_.end()) {
        return known->second;
    }
    // Lists can be asked for in many ways; the texts that the control plane uses are far fewer than this.
    if (statements_.size() >= 500) {
        statements_.clear();
        post("DEALLOCATE ALL");
    }
    const auto types = postgres_types(values);
    std::string name = fmt::format("s{}", ++number_);
    const std::string text(sql);
    require(::PQsendPrepare(connection_, name.c_str(), text.c_str(), static_cast<int>(types.size()),
                            types.data()));
    to_come_.push_back(Answer::command);
    return statements_.emplace(text, std::move(name)).first->second;
}

std::int64_t PostgresConnection::run(std::string_view sql, const std::vector<SqlValue>& values,
                                     const RowHandler* on_row) {
    const PostgresParameters parameters(values);
    const bool is_new = !statements_.contains(sql);
    const std::string name = prepare(sql, values);
    require(::PQsendQueryPrepared(connection_, name.c_str(), parameters.count(), parameters.pointers(),
                                  parameters.lengths(), parameters.formats(), 0));
    to_come_.push_back(Answer::statement);
    std::int64_t changed = 0;
    std::exception_ptr thrown;
    try {
        read_answers(
            [&](const PGresult& result) {
                if (const std::string_view tuples = ::PQcmdTuples(const_cast<PGresult*>(&result));
                    !tuples.empty()) {
                    std::from_chars(tuples.data(), tuples.data() + tuples.size(), changed);
                }
                for (int row = 0; on_row != nullptr && !thrown && row < ::PQntuples(&result); ++row) {
                    has_handed_out_rows_ = true;
                    try {
                        (*on_row)(PostgresRow(result, row));
                    } catch (...) {
                        thrown = std::current_exception();  // the rest of the answer is read, and dropped
                    }
                }
            },
            on_row != nullptr);
    } catch (const std::exception&) {
        if (is_new) {
            statements_.erase(std::string(sql));  // where it could not be prepared there is none
        }
        throw;
    }
    if (thrown) {
        std::rethrow_exception(thrown);
    }
    return changed;
}

void PostgresConnection::sync() {
    require(::PQpipelineSync(connection_));
    to_come_.push_back(Answer::sync);
}

void PostgresConnection::read_answers(const Take& take, bool row_by_row) {
    sync();
    std::optional<Failure> failure;
    while (!to_come_.empty()) {
        const Answer next = to_come_.front();
        to_come_.pop_front();
        switch (next) {
            case Answer::sync:
                read_sync();
                break;
            case Answer::command:
                read_command(nullptr, failure);
                break;
            case Answer::statement:
                if (row_by_row) {
                    ::PQsetSingleRowMode(connection_);
                }
                read_command(&take, failure);
                break;
        }
    }
    if (failure) {
        fail(*failure);
    }
}

void PostgresConnection::read_command(const Take* take, std::optional<Failure>& failure) {
    const auto next = [this] {
        wait_for_answer();
        return ::PQgetResult(connection_);
    };
    for (Result result(next(), &::PQclear); result; result.reset(next())) {
        const auto status = ::PQresultStatus(result.get());
        if (is_failure(status) && !failure) {
            const char* state = ::PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
            failure = Failure{state == nullptr ? "" : state, one_line(::PQresultErrorMessage(result.get()))};
        } else if (take != nullptr && !failure && status != PGRES_PIPELINE_ABORTED) {
            (*take)(*result);
        }
        if (::PQstatus(connection_) != CONNECTION_OK) {
            lose(failure ? failure->message : one_line(::PQerrorMessage(connection_)));
        }
    }
}

void PostgresConnection::wait_for_answer() {
    for (;;) {
        const bool has_more_to_send = ::PQflush(connection_) > 0;
        if (::PQisBusy(connection_) == 0) {
            return;
        }
        pollfd file{::PQsocket(connection_), static_cast<short>(has_more_to_send ? POLLIN | POLLOUT : POLLIN),
                    0};
        if (::poll(&file, 1, static_cast<int>(longest_silence.count())) != 0) {
            if (::PQconsumeInput(connection_) == 0) {
                return;  // what broke is the result
            }
        } else if (!server_answers()) {
            is_usable_ = false;
            throw PostgresConnectionLost("the database cannot be reached: it does not answer", true);
        }
    }
}

bool PostgresConnection::server_answers() const {
    PostgresAddress here = address_;  // of several hosts the one that has this connection
    for (const auto& [name, value] : {std::pair{"host", ::PQhost(connection_)},
                                      {"hostaddr", ::PQhostaddr(connection_)},
                                      {"port", ::PQport(connection_)}}) {
        here.parameters[name] = value == nullptr ? "" : value;
    }
    here.parameters["connect_timeout"] = std::to_string(longest_connecting.count());
    const Keywords keywords(here);
    return ::PQpingParams(keywords.names.data(), keywords.values.data(), 0) != PQPING_NO_RESPONSE;
}

void PostgresConnection::read_sync() {
    wait_for_answer();
    const Result result(::PQgetResult(connection_), &::PQclear);
    if (!result || ::PQresultStatus(result.get()) != PGRES_PIPELINE_SYNC) {
        lose(one_line(::PQerrorMessage(connection_)));
    }
}

void PostgresConnection::fail(const Failure& failure) {
    const std::string text = fmt::format("the database failed: {}", failure.message);
    if (ends_connection(failure.state)) {
        lose(failure.message);
    }
    if (failure.state == "57014") {  // the statement was canceled: its time was up
        throw SqlTooLong();
    }
    if (failure.state.starts_with("23")) {  // a constraint
        throw SqlConstraint(failure.message);
    }
    if (failure.state.starts_with("40") || failure.state == "55P03") {  // a deadlock, or a lock not had
        throw PostgresTryAgain(text);
    }
    if (failure.state.starts_with("22") || failure.state.starts_with("54")) {  // the values, or their size
        throw Unstorable(text);
    }
    if (failure.state == "53100") {  // the disk is full
        throw PostgresFull(text);
    }
    throw unavailable("{}", text);
}

void PostgresConnection::lose(const std::string& reason) {
    is_usable_ = false;
    throw PostgresConnectionLost(fmt::format("the database cannot be reached: {}", reason));
}

void PostgresConnection::require(int succeeded) {
    if (succeeded == 0) {
        lose(one_line(::PQerrorMessage(connection_)));
    }
}

}  // namespace flotilla

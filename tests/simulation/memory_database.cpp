#include "simulation/memory_database.hpp"

#include <stdexcept>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <sqlite3.h>

#include "base/log.hpp"
#include "base/overloaded.hpp"
#include "store/migrations.hpp"
#include "store/sqlite/sqlite_dialect.hpp"

namespace flotilla::simulation {

namespace {

class StatementRow final : public SqlRow {
public:
    explicit StatementRow(sqlite3_stmt* statement) : statement_(statement) {}
    bool is_null(int column) const override {
        return ::sqlite3_column_type(statement_, column) == SQLITE_NULL;
    }
    std::int64_t integer(int column) const override { return ::sqlite3_column_int64(statement_, column); }
    std::string text(int column) const override {
        const auto* const bytes = reinterpret_cast<const char*>(::sqlite3_column_text(statement_, column));
        return bytes == nullptr
                   ? std::string()
                   : std::string(bytes, static_cast<std::size_t>(::sqlite3_column_bytes(statement_, column)));
    }

private:
    sqlite3_stmt* statement_;
};

struct Finalize {
    void operator()(sqlite3_stmt* statement) const { ::sqlite3_finalize(statement); }
};
struct Close {
    void operator()(sqlite3* connection) const { ::sqlite3_close(connection); }
};

struct TextHash : std::hash<std::string_view> {
    using is_transparent = void;
};

struct Statement {
    std::unique_ptr<sqlite3_stmt, Finalize> handle;
    std::vector<int> places;  ///< of `$1`, `$2`, ...
};

/// A statement that is ready for its next use when this is gone.
class Reset {
public:
    explicit Reset(sqlite3_stmt* statement) : statement_(statement) {}
    Reset(const Reset&) = delete;
    Reset& operator=(const Reset&) = delete;
    ~Reset() { ::sqlite3_reset(statement_); }

private:
    sqlite3_stmt* statement_;
};

}  // namespace

class MemoryDatabase::Session final : public SqlSession {
public:
    Session() {
        sqlite3* opened = nullptr;
        const int result = ::sqlite3_open_v2(
            ":memory:", &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
        connection_.reset(opened);
        check(result);
        execute("PRAGMA foreign_keys=ON", {});
        execute("PRAGMA temp_store=MEMORY", {});
    }

    void query(std::string_view sql, const std::vector<SqlValue>& values, const RowHandler& on_row) override {
        Statement& statement = prepare(sql);
        const Reset reset(statement.handle.get());
        bind(statement, values);
        int result = ::sqlite3_step(statement.handle.get());
        for (; result == SQLITE_ROW; result = ::sqlite3_step(statement.handle.get())) {
            on_row(StatementRow(statement.handle.get()));
        }
        check(result);
    }

    void limit_time(std::chrono::milliseconds) override {}
    const SqlDialect& dialect() const override { return sqlite_dialect(); }

    std::int64_t execute(std::string_view sql, const std::vector<SqlValue>& values) override {
        query(sql, values, [](const SqlRow&) {});
        return ::sqlite3_changes(connection_.get());
    }

    [[nodiscard]] sqlite3* connection() { return connection_.get(); }

private:
    void check(int result) {
        if (result == SQLITE_OK || result == SQLITE_DONE) {
            return;
        }
        if ((result & 0xFF) == SQLITE_CONSTRAINT) {
            throw SqlConstraint(::sqlite3_errmsg(connection_.get()));
        }
        throw std::logic_error(fmt::format("SQLite: {}", ::sqlite3_errmsg(connection_.get())));
    }

    Statement& prepare(std::string_view sql) {
        const auto known = statements_.find(sql);
        if (known != statements_.end()) {
            return known->second;
        }
        sqlite3_stmt* prepared = nullptr;
        check(::sqlite3_prepare_v3(connection_.get(), sql.data(), static_cast<int>(sql.size()),
                                   SQLITE_PREPARE_PERSISTENT, &prepared, nullptr));
        Statement statement{std::unique_ptr<sqlite3_stmt, Finalize>(prepared), {}};
        const int count = ::sqlite3_bind_parameter_count(prepared);
        for (int i = 1; i <= count; ++i) {
            statement.places.push_back(
                ::sqlite3_bind_parameter_index(prepared, fmt::format("${}", i).c_str()));
        }
        return statements_.emplace(sql, std::move(statement)).first->second;
    }

    /// The values outlive the use of the statement.
    static void bind(const Statement& statement, const std::vector<SqlValue>& values) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            sqlite3_stmt* const handle = statement.handle.get();
            const int place = statement.places.at(i);
            std::visit(Overloaded{
                           [&](std::nullptr_t) { ::sqlite3_bind_null(handle, place); },
                           [&](std::int64_t value) { ::sqlite3_bind_int64(handle, place, value); },
                           [&](const std::string& value) {
                               ::sqlite3_bind_text64(handle, place, value.data(), value.size(), SQLITE_STATIC,
                                                     SQLITE_UTF8);
                           },
                       },
                       values[i]);
        }
    }

    std::unique_ptr<sqlite3, Close> connection_;
    std::unordered_map<std::string, Statement, TextHash, std::equal_to<>> statements_;
};

MemoryDatabase::MemoryDatabase() : session_(std::make_unique<Session>()) {
    // Nothing is logged: LogScope counts on a thread's scopes ending in their order, and here they do not.
    configure_log(LogFormat::plain, static_cast<LogLevel>(static_cast<int>(LogLevel::error) + 1));
    migrate(*this);
    ::sqlite3_update_hook(session_->connection(), &MemoryDatabase::note_change, this);
}

MemoryDatabase::~MemoryDatabase() = default;

void MemoryDatabase::note_change(void* self, int operation, const char*, const char* table, long long row) {
    if (std::string_view(table) == "runs") {
        static_cast<MemoryDatabase*>(self)->touched_.push_back({row, operation == SQLITE_DELETE});
    }
}

void MemoryDatabase::read(const Work& work) {
    work(*session_);
}

void MemoryDatabase::write(const Work& work) {
    touched_.clear();
    begin(work);
    session_->execute("COMMIT", {});
    if (listener_ && !touched_.empty()) {
        listener_(std::exchange(touched_, {}));
    }
}

void MemoryDatabase::try_in_vain(const Work& work) {
    begin(work);
    session_->execute("ROLLBACK", {});
}

/// Does the work in a transaction that is left open, unless the work throws.
void MemoryDatabase::begin(const Work& work) {
    session_->execute("BEGIN IMMEDIATE", {});
    try {
        work(*session_);
    } catch (...) {
        session_->execute("ROLLBACK", {});
        throw;
    }
}

const SqlDialect& MemoryDatabase::dialect() const {
    return sqlite_dialect();
}

void MemoryDatabase::clear() {
    listener_ = {};
    session_->execute("BEGIN", {});
    for (const auto* const table : {"attempts", "runs", "definition_tags", "idempotence_keys", "definitions",
                                    "owner_turns", "waiting_owners"}) {
        session_->execute(fmt::format("DELETE FROM {}", table), {});
    }
    session_->execute("COMMIT", {});
    touched_.clear();
}

SqlSession& MemoryDatabase::session() {
    return *session_;
}

}  // namespace flotilla::simulation

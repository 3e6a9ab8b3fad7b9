#include "store/sqlite/sqlite_database.hpp"

#include <chrono>
#include <exception>
#include <limits>
#include <thread>
#include <unordered_map>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include "base/crash_point.hpp"
#include "base/error.hpp"
#include "base/guarded.hpp"
#include "base/overloaded.hpp"
#include "store/sqlite/sqlite_dialect.hpp"
#include "store/write_queue.hpp"

namespace flotilla {

namespace {

class SqliteRow final : public SqlRow {
public:
    explicit SqliteRow(SQLite::Statement& statement) : statement_(statement) {}
    bool is_null(int column) const override { return statement_.isColumnNull(column); }
    std::int64_t integer(int column) const override { return statement_.getColumn(column).getInt64(); }
    std::string text(int column) const override { return statement_.getColumn(column).getString(); }

private:
    SQLite::Statement& statement_;
};

[[noreturn]] void rethrow(const SQLite::Exception& error) {
    if (error.getErrorCode() == SQLITE_INTERRUPT) {
        throw SqlTooLong();
    }
    if (error.getErrorCode() == SQLITE_CONSTRAINT) {
        throw SqlConstraint(error.what());
    }
    const auto text = fmt::format("the database failed: {}", error.what());
    if (error.getErrorCode() == SQLITE_TOOBIG || error.getErrorCode() == SQLITE_MISMATCH) {
        throw Unstorable(text);
    }
    throw unavailable("{}", text);
}

/// A statement with the places of its parameters: SQLite numbers them by where they first stand, not by name.
class PreparedStatement {
public:
    PreparedStatement(const SQLite::Database& database, const std::string& sql) : statement_(database, sql) {
        const int count = statement_.getBindParameterCount();
        for (int i = 1; i <= count; ++i) {
            places_.push_back(statement_.getIndex(fmt::format("${}", i).c_str()));
        }
    }

    void bind(const std::vector<SqlValue>& values) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            std::visit(Overloaded{
                           [&](std::nullptr_t) { statement_.bind(places_.at(i)); },
                           [&](std::int64_t value) { statement_.bind(places_.at(i), value); },
                           [&](const std::string& value) { statement_.bindNoCopy(places_.at(i), value); },
                       },
                       values[i]);
        }
    }

    void reset() {
        statement_.tryReset();
        statement_.clearBindings();
    }

    SQLite::Statement& operator*() { return statement_; }

private:
    SQLite::Statement statement_;
    std::vector<int> places_;  ///< of `$1`, `$2`, ...
};

/// A statement that is ready for its next use when this is gone.
class StatementUse {
public:
    StatementUse(PreparedStatement& statement, const std::vector<SqlValue>& values) : statement_(statement) {
        statement.bind(values);
    }
    StatementUse(const StatementUse&) = delete;
    StatementUse& operator=(const StatementUse&) = delete;
    ~StatementUse() { statement_.reset(); }
    SQLite::Statement& operator*() { return *statement_; }

private:
    PreparedStatement& statement_;
};

/// Finds a text by a view of it.
struct TextHash : std::hash<std::string_view> {
    using is_transparent = void;
};

/// Without the statistics whose lock all threads would share, and which nobody reads.
void configure_sqlite() {
    static const int done = ::sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    static_cast<void>(done);
}

}  // namespace

/// One connection with its prepared statements; used by one thread at a time.
class SqliteDatabase::Connection final : public SqlSession {
public:
    enum class Opening { as_it_is, or_new };

    Connection(const std::filesystem::path& file, Opening opening)
        : database_(file.string(),
                    SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX |
                        (opening == Opening::or_new ? SQLite::OPEN_CREATE : 0),
                    10'000) {
        database_.exec("PRAGMA journal_mode=WAL");
        database_.exec("PRAGMA synchronous=FULL");
        database_.exec("PRAGMA foreign_keys=ON");
        database_.exec("PRAGMA temp_store=MEMORY");
        if (opening == Opening::as_it_is) {
            // There are as many as there ever were reads at once. The system's page cache holds the file for
            // all of them; each on its own holds the upper pages of its trees.
            database_.exec("PRAGMA cache_size=-256");
        } else {
            take_room_for_cursors();
            // Runs share their pages: the longer the log of writes may grow, the fewer times each page is
            // copied from it. It takes 16 MiB then, which is read in a few milliseconds after a crash.
            database_.exec("PRAGMA wal_autocheckpoint=4000");
        }
    }

    void query(std::string_view sql, const std::vector<SqlValue>& values, const RowHandler& on_row) override {
        statement_began_ = std::chrono::steady_clock::now();
        try {
            StatementUse statement(prepare(sql), values);
            while ((*statement).executeStep()) {
                on_row(SqliteRow(*statement));
            }
        } catch (const SQLite::Exception& error) {
            rethrow(error);
        }
    }

    std::int64_t execute(std::string_view sql, const std::vector<SqlValue>& values) override {
        try {
            StatementUse statement(prepare(sql), values);
            return (*statement).exec();
        } catch (const SQLite::Exception& error) {
            rethrow(error);
        }
    }

    void limit_time(std::chrono::milliseconds limit) override {
        constexpr int steps_between_looks = 10'000;
        time_limit_ = limit;
        ::sqlite3_progress_handler(
            database_.getHandle(), steps_between_looks,
            [](void* self) { return static_cast<Connection*>(self)->is_time_up() ? 1 : 0; }, this);
    }
    void lift_time_limit() { ::sqlite3_progress_handler(database_.getHandle(), 0, nullptr, nullptr); }

    const SqlDialect& dialect() const override { return sqlite_dialect(); }

    /// Throws `unavailable` if the file that this connection has open is no longer where it was: what is
    /// written to it then is lost.
    void require_in_place() {
        int has_moved = 0;
        ::sqlite3_file_control(database_.getHandle(), "main", SQLITE_FCNTL_HAS_MOVED, &has_moved);
        if (has_moved != 0) {
            throw unavailable("the database file {} was moved or removed", database_.getFilename());
        }
    }

private:
    /// Each statement that writes a run opens a cursor for each of its indexes: more than the room that
    /// SQLite has for such small things by default, beyond which it asks the system for each.
    void take_room_for_cursors() {
        constexpr int bytes = 1200;
        constexpr int count = 500;
        ::sqlite3_db_config(database_.getHandle(), SQLITE_DBCONFIG_LOOKASIDE, nullptr, bytes, count);
    }

    [[nodiscard]] bool is_time_up() const {
        return std::chrono::steady_clock::now() - statement_began_ > time_limit_;
    }

    PreparedStatement& prepare(std::string_view sql) {
        const auto known = statements_.find(sql);
        if (known != statements_.end()) {
            return *known->second;
        }
        // Lists can be asked for in many ways; the texts that the control plane uses are far fewer than this.
        if (statements_.size() >= 500) {
            statements_.clear();
        }
        std::string text(sql);
        auto statement = std::make_unique<PreparedStatement>(database_, text);
        return *statements_.emplace(std::move(text), std::move(statement)).first->second;
    }

    SQLite::Database database_;
    std::chrono::milliseconds time_limit_{};
    std::chrono::steady_clock::time_point statement_began_;
    std::unordered_map<std::string, std::unique_ptr<PreparedStatement>, TextHash, std::equal_to<>>
        statements_;
};

/// The one thread that writes.
class SqliteDatabase::Writer {
public:
    Writer(const std::filesystem::path& file, StoreMetrics* metrics)
        : connection_(file, Connection::Opening::or_new),
          metrics_(metrics),
          thread_([this](const std::stop_token& stop) { run(stop); }) {}

    void write(const Work& work) { queue_.write(work); }

    void check() {
        write([this](SqlSession& session) {
            connection_.require_in_place();
            std::int64_t version = 0;
            session.query("PRAGMA user_version", {}, [&](const SqlRow& row) { version = row.integer(0); });
            // Writes the first page of the file as it is.
            session.execute(fmt::format("PRAGMA user_version = {}", version), {});
        });
    }

private:
    void run(const std::stop_token& stop) {
        constexpr std::size_t all = std::numeric_limits<std::size_t>::max();
        for (auto batch = queue_.next(stop, all); !batch.empty(); batch = queue_.next(stop, all)) {
            commit(batch);
        }
    }

    /// Everybody is answered after the commit: with success, or with what their own work threw, or, if the
    /// commit itself failed, with that.
    void commit(const WriteQueue::Batch& batch) {
        WriteQueue::Outcomes outcomes(batch.size());
        try {
            connection_.execute("BEGIN IMMEDIATE", {});
            for (std::size_t i = 0; i < batch.size(); ++i) {
                outcomes[i] = attempt(*batch[i]->work);
            }
            crash_point("store.before_commit");
            connection_.execute("COMMIT", {});
            crash_point("store.committed");
            if (metrics_ != nullptr) {
                metrics_->committed(batch.size());
            }
        } catch (...) {
            if (metrics_ != nullptr) {
                metrics_->failed();
            }
            roll_back();
            outcomes.assign(batch.size(), std::current_exception());
        }
        WriteQueue::answer(batch, outcomes);
    }

    std::exception_ptr attempt(const Work& work) {
        connection_.execute("SAVEPOINT work", {});
        std::exception_ptr failure;
        try {
            work(connection_);
        } catch (...) {
            failure = std::current_exception();
            connection_.execute("ROLLBACK TO work", {});
        }
        connection_.execute("RELEASE work", {});
        return failure;
    }

    void roll_back() {
        try {
            connection_.execute("ROLLBACK", {});
        } catch (const Error&) {  // the failure has ended the transaction already
        }
    }

    Connection connection_;
    StoreMetrics* metrics_;
    WriteQueue queue_;
    std::jthread thread_;
};

struct SqliteDatabase::Readers {
    Guarded<std::vector<std::unique_ptr<Connection>>> idle;
};

/// A connection for one read, which goes back to the idle ones.
class SqliteDatabase::ReadLease {
public:
    explicit ReadLease(SqliteDatabase& database) : readers_(*database.readers_) {
        {
            auto idle = readers_.idle.lock();
            if (!idle->empty()) {
                connection_ = std::move(idle->back());
                idle->pop_back();
            }
        }
        if (!connection_) {
            // Where the file is gone, an empty one in its place would hide that.
            connection_ = std::make_unique<Connection>(database.file_, Connection::Opening::as_it_is);
        }
        connection_->execute("BEGIN", {});
    }
    ReadLease(const ReadLease&) = delete;
    ReadLease& operator=(const ReadLease&) = delete;
    ~ReadLease() {
        connection_->lift_time_limit();
        try {
            connection_->execute("COMMIT", {});
            readers_.idle.lock()->push_back(std::move(connection_));
        } catch (const Error&) {  // a connection that cannot end its read is closed instead
        }
    }
    SqlSession& session() { return *connection_; }

private:
    Readers& readers_;
    std::unique_ptr<Connection> connection_;
};

SqliteDatabase::SqliteDatabase(const std::filesystem::path& file, StoreMetrics* metrics)
    : file_(file), metrics_(metrics) {
    configure_sqlite();
    try {
        writer_ = std::make_unique<Writer>(file, metrics);
    } catch (const SQLite::Exception& error) {
        throw unavailable("cannot open the database {}: {}", file.string(), error.what());
    }
    readers_ = std::make_unique<Readers>();
}

SqliteDatabase::~SqliteDatabase() = default;

void SqliteDatabase::read(const Work& work) {
    const auto start = std::chrono::steady_clock::now();
    try {
        ReadLease lease(*this);
        work(lease.session());
    } catch (const SQLite::Exception& error) {
        rethrow(error);
    }
    if (metrics_ != nullptr) {
        metrics_->read(std::chrono::steady_clock::now() - start);
    }
}

void SqliteDatabase::write(const Work& work) {
    const auto start = std::chrono::steady_clock::now();
    writer_->write(work);
    if (metrics_ != nullptr) {
        metrics_->wrote(std::chrono::steady_clock::now() - start);
    }
}

void SqliteDatabase::check() {
    writer_->check();
    read([](SqlSession& session) { session.query("SELECT 1 FROM runs LIMIT 1", {}, [](const SqlRow&) {}); });
}

const SqlDialect& SqliteDatabase::dialect() const {
    return sqlite_dialect();
}

}  // namespace flotilla

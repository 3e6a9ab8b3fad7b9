#include "store/postgres/postgres_database.hpp"

#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/crash_point.hpp"
#include "base/guarded.hpp"
#include "base/thread_pool.hpp"
#include "store/postgres/postgres_bell.hpp"
#include "store/postgres/postgres_connection.hpp"
#include "store/postgres/postgres_dialect.hpp"
#include "store/postgres/postgres_pool.hpp"
#include "store/write_queue.hpp"

namespace flotilla {

namespace {

using namespace std::chrono_literals;
constexpr std::size_t largest_batch = 64;
/// A full disk may have room for some things yet and none for others: so long it counts as full.
constexpr std::chrono::seconds full_for = 30s;
/// Of work that other transactions are in the way of.
constexpr int most_tries = 5;

}  // namespace

/// The threads that write.
class PostgresDatabase::Writers {
public:
    Writers(PostgresPool& pool, std::size_t count, StoreMetrics* metrics) : pool_(pool), metrics_(metrics) {
        for (std::size_t i = 0; i < count; ++i) {
            threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
        }
    }

    void write(const Work& work) { queue_.write(work); }

    /// Throws what the database said when it had no room, a moment ago.
    void require_room() {
        auto full = full_.lock();
        if (full->reason && std::chrono::steady_clock::now() < full->until) {
            throw PostgresFull(*full->reason);
        }
    }

private:
    struct Full {
        std::chrono::steady_clock::time_point until;
        std::optional<std::string> reason;
    };

    using Batch = WriteQueue::Batch;
    using Outcomes = WriteQueue::Outcomes;

    void run(const std::stop_token& stop) {
        for (Batch batch = queue_.next(stop, largest_batch); !batch.empty();
             batch = queue_.next(stop, largest_batch)) {
            WriteQueue::answer(batch, outcomes_of(batch));
        }
    }

    /// All in one transaction or, if that fails for one of them, each in its own.
    Outcomes outcomes_of(const Batch& batch) {
        if (!try_to_commit(batch)) {
            return Outcomes(batch.size());
        }
        Outcomes outcomes;
        for (WriteQueue::Request* request : batch) {
            outcomes.push_back(commit_alone(*request));
        }
        return outcomes;
    }

    /// What went wrong; null: it is durable.
    std::exception_ptr commit_alone(WriteQueue::Request& request) {
        std::exception_ptr failure;
        for (int i = 0; i < most_tries; ++i) {
            failure = try_to_commit({&request});
            try {
                if (failure) {
                    std::rethrow_exception(failure);
                }
                return nullptr;
            } catch (const PostgresTryAgain&) {
                continue;
            } catch (const PostgresFull& full) {
                *full_.lock() = {std::chrono::steady_clock::now() + full_for, full.what()};
                break;
            } catch (...) {
                break;
            }
        }
        if (metrics_ != nullptr) {
            metrics_->failed();
        }
        return failure;
    }

    std::exception_ptr try_to_commit(const Batch& batch) {
        try {
            while (!is_committed(batch)) {
            }
            return nullptr;
        } catch (...) {
            return std::current_exception();
        }
    }

    /// False: the connection had broken before the commit was sent, nothing is done, and another one may do
    /// it.
    bool is_committed(const Batch& batch) {
        auto [connection, is_fresh] = pool_.take();
        bool is_commit_sent = false;
        try {
            commit(batch, *connection, is_commit_sent);
        } catch (const PostgresConnectionLost& lost) {
            const bool is_over = is_commit_sent || is_fresh || lost.is_silent();
            pool_.drop(std::move(connection), lost, is_over);
            if (is_over) {
                throw;
            }
            return false;
        } catch (...) {
            connection->roll_back();
            pool_.give_back(std::move(connection));
            throw;
        }
        pool_.give_back(std::move(connection));
        return true;
    }

    void commit(const Batch& batch, PostgresConnection& connection, bool& is_commit_sent) {
        connection.begin_write();
        for (const WriteQueue::Request* request : batch) {
            (*request->work)(connection);
        }
        crash_point("store.before_commit");
        is_commit_sent = true;
        connection.commit();
        crash_point("store.committed");
        if (metrics_ != nullptr) {
            metrics_->committed(batch.size());
        }
    }

    PostgresPool& pool_;
    StoreMetrics* metrics_;
    WriteQueue queue_;
    Guarded<Full> full_;
    std::vector<std::jthread> threads_;
};

/// Of those that read at once there are only so many.
class PostgresDatabase::Turn {
public:
    explicit Turn(PostgresDatabase& database) : database_(database) {
        auto reading = database_.reading_.lock();
        database_.read_.wait(reading.lock(), [&] { return *reading < database_.most_readers_; });
        ++*reading;
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() {
        --*database_.reading_.lock();
        database_.read_.notify_one();
    }

private:
    PostgresDatabase& database_;
};

PostgresDatabase::PostgresDatabase(PostgresAddress address, StoreMetrics* metrics, PostgresOptions options)
    : metrics_(metrics),
      most_readers_(options.readers),
      pool_(std::make_unique<PostgresPool>(std::move(address))) {
    require_utf8();
    bell_ = std::make_unique<PostgresBell>(pool_->address());
    writers_ = std::make_unique<Writers>(*pool_, options.writers, metrics);
}

PostgresDatabase::~PostgresDatabase() = default;

void PostgresDatabase::require_utf8() {
    std::string name;
    std::string encoding;
    read([&](SqlSession& session) {
        session.query("SELECT current_database(), current_setting('server_encoding')", {},
                      [&](const SqlRow& row) {
                          name = row.text(0);
                          encoding = row.text(1);
                      });
    });
    if (encoding != "UTF8") {
        throw invalid(
            "the encoding of the database {} is {}, which cannot hold every text: use one that was made with "
            "`createdb --encoding=UTF8 --template=template0 NAME`",
            name, encoding);
    }
}

void PostgresDatabase::read(const Work& work) {
    const auto start = std::chrono::steady_clock::now();
    const BlockingSection waiting;
    const Turn turn(*this);
    try {
        while (!has_read(work)) {
        }
    } catch (const PostgresConnectionLost&) {
        if (metrics_ != nullptr) {
            metrics_->failed();
        }
        throw;
    }
    if (metrics_ != nullptr) {
        metrics_->read(std::chrono::steady_clock::now() - start);
    }
}

bool PostgresDatabase::has_read(const Work& work) {
    auto [connection, is_fresh] = pool_->take();
    try {
        connection->begin_read();
        work(*connection);
        connection->end_read();
    } catch (const PostgresConnectionLost& lost) {
        // What was told once is not told again.
        const bool is_over = is_fresh || connection->has_handed_out_rows() || lost.is_silent();
        pool_->drop(std::move(connection), lost, is_over);
        if (is_over) {
            throw;
        }
        return false;
    } catch (...) {
        connection->roll_back();
        pool_->give_back(std::move(connection));
        throw;
    }
    pool_->give_back(std::move(connection));
    return true;
}

void PostgresDatabase::write(const Work& work) {
    const auto start = std::chrono::steady_clock::now();
    writers_->write(work);
    if (metrics_ != nullptr) {
        metrics_->wrote(std::chrono::steady_clock::now() - start);
    }
}

const SqlDialect& PostgresDatabase::dialect() const {
    return postgres_dialect();
}

void PostgresDatabase::check() {
    writers_->require_room();
    // A transaction with a number of its own is written; one that only stands by has none, and one that may
    // only read changes nothing, even if there is nothing to change.
    write([](SqlSession& session) {
        session.query("SELECT pg_current_xact_id()", {}, [](const SqlRow&) {});
        session.execute("UPDATE runs SET status = status WHERE false", {});
    });
    read([](SqlSession& session) { session.query("SELECT 1 FROM runs LIMIT 1", {}, [](const SqlRow&) {}); });
}

void PostgresDatabase::announce(const std::string& topic) {
    bell_->announce(topic);
}

void PostgresDatabase::listen(const std::string& topic, Wake& wake) {
    bell_->listen(topic, wake);
}

void PostgresDatabase::unlisten(Wake& wake) {
    bell_->unlisten(wake);
}

}  // namespace flotilla

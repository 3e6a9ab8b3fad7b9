#include "store/postgres/postgres_database.hpp"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/crash_point.hpp"
#include "base/guarded.hpp"
#include "base/thread_pool.hpp"
#include "store/postgres/keywords.hpp"
#include "store/postgres/postgres_bell.hpp"
#include "store/postgres/postgres_connection.hpp"
#include "store/postgres/postgres_dialect.hpp"
#include "store/write_queue.hpp"

namespace flotilla {

namespace {

using namespace std::chrono_literals;
using SteadyTime = std::chrono::steady_clock::time_point;

/// While the database is away nobody waits for each attempt to reach it.
constexpr std::chrono::milliseconds between_attempts = 100ms;
constexpr std::size_t largest_batch = 64;
/// A full disk may have room for some things yet and none for others: so long it counts as full.
constexpr std::chrono::seconds full_for = 30s;
/// Of work that other transactions are in the way of.
constexpr int most_tries = 5;

}  // namespace

/// Connections of one database: those that idle, and new ones.
class PostgresDatabase::Connections {
public:
    using Connection = std::unique_ptr<PostgresConnection>;

    Connections(PostgresAddress address, std::size_t most) : address_(std::move(address)), most_(most) {}

    /// Throws `PostgresConnectionLost` at once where the last attempt was just now and failed.
    [[nodiscard]] Connection connect() {
        {
            auto failure = failure_.lock();
            if (std::chrono::steady_clock::now() < failure->until) {
                throw PostgresConnectionLost(failure->reason);
            }
        }
        try {
            return std::make_unique<PostgresConnection>(address_);
        } catch (const PostgresConnectionLost& lost) {
            *failure_.lock() = {std::chrono::steady_clock::now() + between_attempts, lost.what()};
            throw;
        }
    }

    /// An idle connection or, if there is none, null; waits while as many are in use as there may be.
    [[nodiscard]] Connection take() {
        auto pool = pool_.lock();
        returned_.wait(pool.lock(), [&] { return pool->in_use < most_; });
        ++pool->in_use;
        if (pool->idle.empty()) {
            return nullptr;
        }
        Connection connection = std::move(pool->idle.back());
        pool->idle.pop_back();
        return connection;
    }

    void give_back(Connection connection) {
        {
            auto pool = pool_.lock();
            --pool->in_use;
            if (connection && connection->is_usable()) {
                pool->idle.push_back(std::move(connection));
            } else {
                pool->idle.clear();  // one that broke is seldom alone
            }
        }
        returned_.notify_one();
    }

    [[nodiscard]] const PostgresAddress& address() const { return address_; }

private:
    struct Pool {
        std::vector<Connection> idle;
        std::size_t in_use = 0;
    };
    struct Failure {
        SteadyTime until;
        std::string reason;
    };

    PostgresAddress address_;
    std::size_t most_;
    Guarded<Pool> pool_;
    Guarded<Failure> failure_;
    std::condition_variable returned_;
};

/// The threads that write.
class PostgresDatabase::Writers {
public:
    Writers(Connections& connections, std::size_t count, StoreMetrics* metrics)
        : connections_(connections), metrics_(metrics) {
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
        SteadyTime until;
        std::optional<std::string> reason;
    };

    using Batch = WriteQueue::Batch;
    using Outcomes = WriteQueue::Outcomes;

    void run(const std::stop_token& stop) {
        std::unique_ptr<PostgresConnection> connection;
        for (Batch batch = queue_.next(stop, largest_batch); !batch.empty();
             batch = queue_.next(stop, largest_batch)) {
            WriteQueue::answer(batch, outcomes_of(batch, connection));
        }
    }

    /// All in one transaction or, if that fails for one of them, each in its own.
    Outcomes outcomes_of(const Batch& batch, std::unique_ptr<PostgresConnection>& connection) {
        if (!try_to_commit(batch, connection)) {
            return Outcomes(batch.size());
        }
        Outcomes outcomes;
        for (WriteQueue::Request* request : batch) {
            outcomes.push_back(commit_alone(*request, connection));
        }
        return outcomes;
    }

    /// What went wrong; null: it is durable.
    std::exception_ptr commit_alone(WriteQueue::Request& request,
                                    std::unique_ptr<PostgresConnection>& connection) {
        std::exception_ptr failure;
        for (int i = 0; i < most_tries; ++i) {
            failure = try_to_commit({&request}, connection);
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

    /// A connection that broke before the commit was sent has done nothing: another one is tried.
    std::exception_ptr try_to_commit(const Batch& batch, std::unique_ptr<PostgresConnection>& connection) {
        const bool is_fresh = !connection;
        bool is_commit_sent = false;
        try {
            commit(batch, connection, is_commit_sent);
            return nullptr;
        } catch (const PostgresConnectionLost&) {
            connection.reset();
            if (is_commit_sent || is_fresh) {
                return std::current_exception();
            }
        } catch (...) {
            const auto failure = std::current_exception();
            connection->roll_back();
            return failure;
        }
        return try_to_commit(batch, connection);
    }

    void commit(const Batch& batch, std::unique_ptr<PostgresConnection>& connection, bool& is_commit_sent) {
        if (!connection) {
            connection = connections_.connect();
        }
        connection->begin_write();
        for (const WriteQueue::Request* request : batch) {
            (*request->work)(*connection);
        }
        crash_point("store.before_commit");
        is_commit_sent = true;
        connection->commit();
        crash_point("store.committed");
        if (metrics_ != nullptr) {
            metrics_->committed(batch.size());
        }
    }

    Connections& connections_;
    StoreMetrics* metrics_;
    WriteQueue queue_;
    Guarded<Full> full_;
    std::vector<std::jthread> threads_;
};

bool answers(const PostgresAddress& address) {
    const Keywords keywords(address);
    return ::PQpingParams(keywords.names.data(), keywords.values.data(), 0) == PQPING_OK;
}

PostgresDatabase::PostgresDatabase(PostgresAddress address, StoreMetrics* metrics, PostgresOptions options)
    : metrics_(metrics), connections_(std::make_unique<Connections>(std::move(address), options.readers)) {
    require_utf8();
    bell_ = std::make_unique<PostgresBell>(connections_->address());
    writers_ = std::make_unique<Writers>(*connections_, options.writers, metrics);
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
    auto connection = connections_->take();
    bool is_fresh = !connection;
    for (;;) {
        try {
            if (!connection) {
                connection = connections_->connect();
            }
            connection->begin_read();
            work(*connection);
            connection->end_read();
            break;
        } catch (const PostgresConnectionLost&) {
            // One that idled may have broken long ago. What was told once is not told again.
            const bool may_try_again = !is_fresh && !connection->has_handed_out_rows();
            connection.reset();
            if (!may_try_again) {
                connections_->give_back(nullptr);
                if (metrics_ != nullptr) {
                    metrics_->failed();
                }
                throw;
            }
            is_fresh = true;
        } catch (...) {
            connection->roll_back();
            connections_->give_back(std::move(connection));
            throw;
        }
    }
    connections_->give_back(std::move(connection));
    if (metrics_ != nullptr) {
        metrics_->read(std::chrono::steady_clock::now() - start);
    }
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

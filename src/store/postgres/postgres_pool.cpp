#include "store/postgres/postgres_pool.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace flotilla {

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr std::chrono::milliseconds between_knocks = 100ms;
/// For a connection that another has.
constexpr std::chrono::seconds patience = 4s;
constexpr std::chrono::minutes between_lines = 1min;

}  // namespace

PostgresPool::Taken PostgresPool::take() {
    const auto end = steady_clock::now() + patience;
    for (;;) {
        {
            auto connections = connections_.lock();
            if (!connections->idle.empty()) {
                Connection connection = std::move(connections->idle.back());
                connections->idle.pop_back();
                ++connections->in_use;
                return {std::move(connection), false};
            }
        }
        try {
            Connection connection = connect();
            ++connections_.lock()->in_use;
            return {std::move(connection), true};
        } catch (const PostgresConnectionLost&) {
            auto connections = connections_.lock();
            const auto is_worth_waiting = [&] {
                return connections->idle.empty() && connections->in_use > 0;
            };
            const bool is_over = connections->in_use == 0 || steady_clock::now() >= end;
            if (connections->idle.empty() && is_over) {
                throw;
            }
            returned_.wait_until(connections.lock(), std::min(end, steady_clock::now() + between_knocks),
                                 [&] { return !is_worth_waiting(); });
        }
    }
}

void PostgresPool::give_back(Connection connection) {
    {
        auto connections = connections_.lock();
        --connections->in_use;
        if (connection->is_usable()) {
            connections->idle.push_back(std::move(connection));
        }
    }
    returned_.notify_all();
}

void PostgresPool::drop(Connection connection, const PostgresConnectionLost& lost, bool is_told) {
    connection.reset();
    std::vector<Connection> ended;
    {
        auto connections = connections_.lock();
        --connections->in_use;
        ended.swap(connections->idle);  // one that broke is seldom alone
    }
    returned_.notify_all();
    if (lost.is_silent()) {
        begin_outage(lost.what());
    } else if (is_told) {
        tell(*outage_.lock(), lost.what());
    }
}

PostgresPool::Connection PostgresPool::connect() {
    {
        auto outage = outage_.lock();
        if (outage->is_on && (outage->is_knocking || steady_clock::now() < outage->next_knock)) {
            throw PostgresConnectionLost(outage->reason);
        }
        outage->is_knocking = true;
    }
    try {
        auto connection = std::make_unique<PostgresConnection>(address_);
        end_outage();
        return connection;
    } catch (const std::exception& error) {
        begin_outage(error.what());
        throw;
    }
}

void PostgresPool::begin_outage(const std::string& reason) {
    auto outage = outage_.lock();
    outage->is_on = true;
    outage->is_knocking = false;
    outage->next_knock = steady_clock::now() + between_knocks;
    outage->reason = reason;
    tell(*outage, reason);
}

void PostgresPool::end_outage() {
    auto outage = outage_.lock();
    outage->is_on = false;
    outage->is_knocking = false;
    outage->was_reached = true;
    if (outage->told_at) {
        log_info("the database can be reached again");
        outage->told_at.reset();
    }
}

void PostgresPool::tell(Outage& outage, const std::string& reason) const {
    const auto now = steady_clock::now();
    if (outage.was_reached && (!outage.told_at || now - *outage.told_at >= between_lines)) {
        log_error("{}", reason);
        outage.told_at = now;
    }
}

}  // namespace flotilla

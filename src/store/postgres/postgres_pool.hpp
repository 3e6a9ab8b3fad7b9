#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/guarded.hpp"
#include "store/postgres/postgres_address.hpp"
#include "store/postgres/postgres_connection.hpp"

namespace flotilla {

/// The connections to one database: those that idle, and new ones as they are needed. The log says when the
/// database goes away, at most once a minute that it still is, and when it is back.
class PostgresPool {
public:
    using Connection = std::unique_ptr<PostgresConnection>;
    struct Taken {
        Connection connection;
        bool is_fresh;  ///< made for this; one that idled may have broken long ago
    };

    explicit PostgresPool(PostgresAddress address) : address_(std::move(address)) {}

    /// One that idles, or a new one. Where none can be made it waits for one that is in use, some seconds at
    /// most; then, and while the database is away, it throws `PostgresConnectionLost`.
    [[nodiscard]] Taken take();
    /// Each that was taken is given back ...
    void give_back(Connection connection);
    /// ... or, if it broke, dropped. `is_told`: somebody's work fails by it, which the log has to say.
    void drop(Connection connection, const PostgresConnectionLost& lost, bool is_told);

    [[nodiscard]] const PostgresAddress& address() const { return address_; }

private:
    using SteadyTime = std::chrono::steady_clock::time_point;
    struct Connections {
        std::vector<Connection> idle;
        std::size_t in_use = 0;
    };
    struct Outage {
        bool is_on = false;
        bool was_reached = false;  ///< ever; else whoever opens the database is told, not the log
        bool is_knocking = false;  ///< somebody tries to connect
        SteadyTime next_knock;
        std::string reason;
        std::optional<SteadyTime> told_at;
    };

    /// While the database is away one at a time tries, and the others throw what the last one got.
    [[nodiscard]] Connection connect();
    void begin_outage(const std::string& reason);
    void end_outage();
    void tell(Outage& outage, const std::string& reason) const;

    PostgresAddress address_;
    Guarded<Connections> connections_;
    Guarded<Outage> outage_;
    std::condition_variable returned_;
};

}  // namespace flotilla

#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <libpq-fe.h>

#include "base/file.hpp"
#include "base/guarded.hpp"
#include "base/wake.hpp"
#include "store/postgres/postgres_address.hpp"

namespace flotilla {

/// Wakes the other servers of a database, and is woken by them, with NOTIFY
/// (https://www.postgresql.org/docs/15/sql-notify.html) on a connection of its own. What is announced within
/// some milliseconds goes out in one transaction, since each takes a lock of the whole database.
/// Announcements are for speed alone: while the connection is gone they are lost, and once it is back
/// everybody is woken.
class PostgresBell {
public:
    explicit PostgresBell(PostgresAddress address);

    void announce(const std::string& topic);
    /// Wakes `wake` when another server announces the topic, until `unlisten`.
    void listen(const std::string& topic, Wake& wake);
    void unlisten(Wake& wake);

private:
    using Connection = std::unique_ptr<PGconn, decltype(&::PQfinish)>;

    void run(const std::stop_token& stop);
    void serve(PGconn& connection, const std::stop_token& stop);
    void hear(PGconn& connection);
    void wake_all();
    /// Until the connection or an announcement has something, at most so long.
    void wait(int socket, std::chrono::milliseconds longest);

    PostgresAddress address_;
    UniqueFd rung_;  ///< an eventfd
    Guarded<std::set<std::string>> to_announce_;
    Guarded<std::map<std::string, std::vector<Wake*>>> listeners_;
    std::jthread thread_;
};

}  // namespace flotilla

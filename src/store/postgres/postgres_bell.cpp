#include "store/postgres/postgres_bell.hpp"

#include <array>
#include <chrono>
#include <memory>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "store/postgres/keywords.hpp"

namespace flotilla {

namespace {

using namespace std::chrono_literals;

constexpr auto* channel = "flotilla";
constexpr std::chrono::milliseconds between_announcements = 5ms;
constexpr std::chrono::milliseconds between_attempts = 500ms;
constexpr std::chrono::milliseconds longest_wait = 10s;

using Result = std::unique_ptr<PGresult, decltype(&::PQclear)>;

bool is_done(const Result& result) {
    const auto status = ::PQresultStatus(result.get());
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

bool say(PGconn& connection, const std::set<std::string>& topics) {
    bool is_said = is_done(Result(::PQexec(&connection, "BEGIN"), &::PQclear));
    for (const std::string& topic : topics) {
        const std::array<const char*, 2> values{channel, topic.c_str()};
        is_said = is_said && is_done(Result(::PQexecParams(&connection, "SELECT pg_notify($1, $2)", 2,
                                                           nullptr, values.data(), nullptr, nullptr, 0),
                                            &::PQclear));
    }
    return is_said && is_done(Result(::PQexec(&connection, "COMMIT"), &::PQclear));
}

}  // namespace

PostgresBell::PostgresBell(PostgresAddress address)
    : address_(std::move(address)),
      rung_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void PostgresBell::announce(const std::string& topic) {
    if (to_announce_.lock()->insert(topic).second) {
        const std::uint64_t one = 1;
        static_cast<void>(::write(rung_.get(), &one, sizeof one));
    }
}

void PostgresBell::listen(const std::string& topic, Wake& wake) {
    (*listeners_.lock())[topic].push_back(&wake);
}

void PostgresBell::unlisten(Wake& wake) {
    auto listeners = listeners_.lock();
    for (auto& [topic, wakes] : *listeners) {
        std::erase(wakes, &wake);
    }
}

void PostgresBell::run(const std::stop_token& stop) {
    const std::stop_callback end(stop, [this] {
        const std::uint64_t one = 1;
        static_cast<void>(::write(rung_.get(), &one, sizeof one));
    });
    const Keywords keywords(address_);
    while (!stop.stop_requested()) {
        const Connection connection(::PQconnectdbParams(keywords.names.data(), keywords.values.data(), 0),
                                    &::PQfinish);
        const bool hears = ::PQstatus(connection.get()) == CONNECTION_OK &&
                           is_done(Result(::PQexec(connection.get(), "LISTEN flotilla"), &::PQclear));
        if (hears) {
            wake_all();
            serve(*connection, stop);
        }
        const auto until = std::chrono::steady_clock::now() + between_attempts;
        while (!stop.stop_requested() && std::chrono::steady_clock::now() < until) {
            wait(-1, between_attempts);
        }
    }
}

void PostgresBell::serve(PGconn& connection, const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        wait(::PQsocket(&connection), longest_wait);
        if (::PQconsumeInput(&connection) == 0) {
            return;
        }
        const auto topics = std::exchange(*to_announce_.lock(), {});
        if (!topics.empty()) {
            if (!say(connection, topics)) {
                return;
            }
            std::this_thread::sleep_for(between_announcements);  // more may come, to go out together
        }
        hear(connection);
    }
}

void PostgresBell::hear(PGconn& connection) {
    using Notification = std::unique_ptr<PGnotify, decltype(&::PQfreemem)>;
    for (Notification heard(::PQnotifies(&connection), &::PQfreemem); heard;
         heard.reset(::PQnotifies(&connection))) {
        if (heard->be_pid == ::PQbackendPID(&connection)) {
            continue;  // this server's own
        }
        auto listeners = listeners_.lock();
        if (const auto found = listeners->find(heard->extra); found != listeners->end()) {
            for (Wake* wake : found->second) {
                wake->notify();
            }
        }
    }
}

void PostgresBell::wake_all() {
    auto listeners = listeners_.lock();
    for (const auto& [topic, wakes] : *listeners) {
        for (Wake* wake : wakes) {
            wake->notify();
        }
    }
}

void PostgresBell::wait(int socket, std::chrono::milliseconds longest) {
    std::array<pollfd, 2> files{{{rung_.get(), POLLIN, 0}, {socket, POLLIN, 0}}};
    ::poll(files.data(), files.size(), static_cast<int>(longest.count()));
    std::uint64_t count = 0;
    static_cast<void>(::read(rung_.get(), &count, sizeof count));
}

}  // namespace flotilla

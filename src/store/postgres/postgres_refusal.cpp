#include "store/postgres/postgres_refusal.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <regex>
#include <string>

#include <libpq-fe.h>
#include <poll.h>

#include "store/postgres/keywords.hpp"

namespace flotilla {

namespace {

/// A server that stops or starts, that has no room for another connection, or whose connection broke
/// (classes 57P, 53 and 08 of https://www.postgresql.org/docs/15/errcodes-appendix.html).
bool may_pass(const std::string& code) {
    return code.starts_with("57P") || code.starts_with("53") || code.starts_with("08");
}

}  // namespace

bool refuses(const PostgresAddress& address) {
    const Keywords keywords(address);
    const std::unique_ptr<PGconn, decltype(&::PQfinish)> connection(
        ::PQconnectStartParams(keywords.names.data(), keywords.values.data(), 0), &::PQfinish);
    // So a message of the server ends with its code (SQLSTATE), which libpq says in no other way.
    ::PQsetErrorVerbosity(connection.get(), PQERRORS_SQLSTATE);
    const auto end = std::chrono::steady_clock::now() + longest_connecting;
    auto next = ::PQstatus(connection.get()) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
    while (next != PGRES_POLLING_OK && next != PGRES_POLLING_FAILED) {
        pollfd file{::PQsocket(connection.get()),
                    static_cast<short>(next == PGRES_POLLING_READING ? POLLIN : POLLOUT), 0};
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        if (left.count() <= 0 || ::poll(&file, 1, static_cast<int>(left.count())) == 0) {
            return false;
        }
        next = ::PQconnectPoll(connection.get());
    }
    if (next == PGRES_POLLING_OK) {
        return false;
    }
    static const std::regex code(":  ([0-9A-Z]{5})\n");
    const std::string text = ::PQerrorMessage(connection.get());
    const std::sregex_iterator first(text.begin(), text.end(), code);
    const bool is_passing =
        std::any_of(first, {}, [](const std::smatch& match) { return may_pass(match.str(1)); });
    return ::PQconnectionNeedsPassword(connection.get()) != 0 ||
           (first != std::sregex_iterator() && !is_passing);
}

}  // namespace flotilla

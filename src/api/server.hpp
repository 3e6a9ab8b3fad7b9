#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "api/http.hpp"
#include "api/http_metrics.hpp"
#include "api/request_reader.hpp"

namespace flotilla {

struct HttpServerOptions {
    std::string host = "127.0.0.1";  ///< a name or an IP literal without brackets; empty: every address
    std::uint16_t port = 3000;       ///< 0: any free one
    std::size_t threads = 64;        ///< requests answered at once
    std::size_t max_connections = 10'000;
    std::chrono::milliseconds read_timeout{5'000};    ///< from the first byte of a request to its last
    std::chrono::milliseconds write_timeout{10'000};  ///< without progress
    std::chrono::milliseconds idle_timeout{70'000};   ///< between requests
    std::chrono::milliseconds drain_timeout{1'000};   ///< for requests in flight when the server stops
    RequestLimits limits{};
    /// Bytes of long answers that wait to be read by their clients, in all: beyond, an answer that is long
    /// becomes 503.
    std::size_t most_unsent = std::size_t{256} << 20;
    /// Whether the answer to this request may be long: it is made when others leave room. Empty: none.
    std::function<bool(const IncomingRequest&)> is_heavy{};
    HttpMetrics* metrics = nullptr;  ///< outlives the server; null: nothing is counted
};

/// Answers a request; called on many threads at once, may block, must not throw.
using AnswerRequest = std::function<Response(IncomingRequest)>;

/// An HTTP/1.1 server: one thread for all connections, a pool of threads for the answers.
/// At `max_connections` a new connection takes the place of the one that has been idle longest; if none is
/// idle, it is answered 503 and closed.
class HttpServer {
public:
    /// Listens when this returns. Throws `unavailable` with one line that says what to do if it cannot.
    HttpServer(HttpServerOptions options, AnswerRequest answer);
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;
    /// Stops.
    ~HttpServer();

    [[nodiscard]] std::uint16_t port() const;

    /// Takes no more connections, closes the idle ones, lets requests in flight finish within the drain
    /// timeout, then closes the rest. Returns once no thread of the server runs any more: it waits for a call
    /// of `answer` that blocks longer.
    void stop();

private:
    struct Connection;
    class Core;
    std::unique_ptr<Core> core_;
};

}  // namespace flotilla

#include "api/server.hpp"

#include <algorithm>
#include <exception>
#include <list>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "api/listener.hpp"
#include "api/request_id.hpp"
#include "api/response_text.hpp"
#include "base/log.hpp"
#include "base/thread_pool.hpp"

// g++ 12.2 destroys some temporaries of a co_await expression twice: in the coroutines below everything that
// is awaited or passed to what is awaited is a named variable, and parameters come by value.

namespace flotilla {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr auto accept_pause = std::chrono::milliseconds(100);
constexpr auto linger_time = std::chrono::seconds(2);
constexpr auto stream_tick = std::chrono::milliseconds(25);

/// A connection; touched by the network thread only.
struct Connection {
    Connection(tcp::socket accepted, const RequestLimits& limits)
        : socket(std::move(accepted)), reader(limits), answered(socket.get_executor()) {}

    tcp::socket socket;
    RequestReader reader;
    asio::steady_timer answered;  // never expires; cancelled when what is waited for is there
    Response response;
    std::optional<StreamPart> part;  // of the response's stream; none if it broke off
    SteadyClock::time_point deadline = SteadyClock::time_point::max();
    bool is_idle = true;  // waits for the first byte of a request
    bool is_gone = false;
    bool timed_out = false;
};
using Place = std::list<Connection>::iterator;

/// Whether the client has closed its side; does not wait.
bool is_closed(tcp::socket& socket) {
    char byte = 0;
    error_code error;
    socket.non_blocking(true, error);
    socket.receive(asio::buffer(&byte, 1), tcp::socket::message_peek, error);
    return error && error != asio::error::would_block;
}

/// Whether something came that was not read yet.
bool has_bytes(const tcp::socket& socket) {
    error_code error;
    return socket.available(error) > 0 && !error;
}

}  // namespace

class HttpServer::Core {
public:
    Core(HttpServerOptions options, AnswerRequest answer)
        : options_(std::move(options)),
          answer_(std::move(answer)),
          acceptor_(listen_on(io_, options_.host, options_.port)),
          port_(acceptor_.local_endpoint().port()),
          pool_(options_.threads) {
        sweep();
        asio::co_spawn(io_, accept_connections(), [](const std::exception_ptr& error) {
            if (error) {
                std::rethrow_exception(error);
            }
        });
        thread_ = std::thread([this] { io_.run(); });
    }

    [[nodiscard]] std::uint16_t port() const { return port_; }

    void stop() {
        if (!thread_.joinable()) {
            return;
        }
        asio::post(io_, [this] { begin_drain(); });
        thread_.join();
        pool_.stop();
        refusal_log_.join();
    }

private:
    asio::awaitable<void> accept_connections();
    void admit(tcp::socket socket);
    Response refusal(int status, const std::string& reason);
    bool make_room();
    asio::awaitable<void> serve(Place connection);
    asio::awaitable<std::optional<ReadOutcome>> receive(Place connection);
    void start_answer(Place connection, IncomingRequest request);
    asio::awaitable<bool> write(Place connection, std::string text);
    asio::awaitable<bool> write_stream(Place connection, bool is_chunked);
    void start_part(Place connection);
    void wait_until_due(Place connection);
    void watch_streams();
    void wake_streams();
    void wake_all_streams();
    asio::awaitable<void> linger(Place connection);
    void finish(Place connection, const std::exception_ptr& error);
    void sweep();
    void admit_waiting();
    void begin_drain();
    std::string text_of(const Response& response, ResponseForm form);

    HttpServerOptions options_;
    AnswerRequest answer_;
    asio::io_context io_{1};
    tcp::acceptor acceptor_;
    std::uint16_t port_;
    std::list<Connection> connections_;  // in the order of their last requests
    asio::steady_timer sweep_timer_{io_};
    asio::steady_timer drain_timer_{io_};
    std::vector<Place> waiting_streams_;
    asio::steady_timer stream_timer_{io_};  // runs while streams wait
    bool is_draining_ = false;
    std::time_t date_seconds_ = 0;
    std::string date_;
    ThreadPool pool_;
    asio::thread_pool refusal_log_{1};
    std::thread thread_;
};

asio::awaitable<void> HttpServer::Core::accept_connections() {
    asio::steady_timer pause(io_);
    while (!is_draining_) {
        error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        auto accepting = acceptor_.async_accept(token);
        tcp::socket socket = co_await std::move(accepting);
        if (!error) {
            admit(std::move(socket));
        } else if (!is_draining_) {
            log_warning("cannot accept a connection: {}", error.message());
            pause.expires_after(accept_pause);
            auto pausing = pause.async_wait(token);
            co_await std::move(pausing);
        }
    }
}

void HttpServer::Core::admit(tcp::socket socket) {
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    if (connections_.size() >= options_.max_connections && !make_room()) {
        Response full = refusal(503, "the server has no room for another connection");
        full.headers.emplace_back("Retry-After", "1");
        socket.non_blocking(true, ignored);
        const std::string text = text_of(full, {.keep_alive = false});
        socket.write_some(asio::buffer(text), ignored);
        socket.shutdown(tcp::socket::shutdown_both, ignored);
        return;
    }
    connections_.emplace_back(std::move(socket), options_.limits);
    if (options_.metrics != nullptr) {
        options_.metrics->connection_opened();
    }
    const Place place = std::prev(connections_.end());
    asio::co_spawn(io_, serve(place),
                   [this, place](const std::exception_ptr& error) { finish(place, error); });
}

/// The answer to what never became a request: it has an id as every answer, and a line in the log.
Response HttpServer::Core::refusal(int status, const std::string& reason) {
    const std::string id = request_id({});
    if (options_.metrics != nullptr) {
        options_.metrics->refused(status);
    }
    // Not here: whoever reads the log may be slow, and this thread serves all connections. Nor on the pool,
    // which leaves undone what waits when the server stops.
    asio::post(refusal_log_, [status, reason, id] {
        log_event("request_refused", {{"status", status}, {"reason", reason}, {"request_id", id}});
    });
    Response response = error_response(status, reason);
    response.headers.emplace_back(request_id_header, id);
    return response;
}

/// Sends the connection away that has been idle longest. False if none is idle.
bool HttpServer::Core::make_room() {
    const auto idle = std::find_if(connections_.begin(), connections_.end(),
                                   [](const Connection& connection) { return connection.is_idle; });
    if (idle == connections_.end()) {
        return false;
    }
    idle->is_idle = false;
    error_code ignored;
    idle->socket.close(ignored);
    return true;
}

asio::awaitable<void> HttpServer::Core::serve(Place connection) {
    bool goes_on = true;
    while (goes_on) {
        auto receiving = receive(connection);
        std::optional<ReadOutcome> outcome = co_await std::move(receiving);
        if (!outcome) {
            co_return;
        }
        if (const auto* refused = std::get_if<RefusedRequest>(&*outcome)) {
            const Response response = refusal(refused->status, refused->message);
            auto refusing = write(connection, text_of(response, {.keep_alive = false}));
            co_await std::move(refusing);
            auto lingering = linger(connection);
            co_await std::move(lingering);
            co_return;
        }
        auto& received = std::get<ReceivedRequest>(*outcome);
        const bool is_head = received.request.verb == HttpVerb::head;
        connections_.splice(connections_.end(), connections_, connection);
        start_answer(connection, std::move(received.request));
        error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        auto answering = connection->answered.async_wait(token);
        co_await std::move(answering);
        const Response& response = connection->response;
        const bool is_endless = response.stream && !response.stream->length();
        const bool is_chunked = is_endless && received.takes_chunks;
        goes_on = received.keep_alive && !is_draining_ && (!is_endless || is_chunked);
        auto writing = write(
            connection,
            text_of(response, {.keep_alive = goes_on, .without_body = is_head, .is_chunked = is_chunked}));
        bool is_written = co_await std::move(writing);
        if (is_written && response.stream && !is_head) {
            auto streaming = write_stream(connection, is_chunked);
            is_written = co_await std::move(streaming);
        }
        goes_on = goes_on && is_written && !is_draining_;
        connection->response = {};
    }
}

/// The next request or refusal; nothing if the connection is over.
asio::awaitable<std::optional<ReadOutcome>> HttpServer::Core::receive(Place connection) {
    RequestReader& reader = connection->reader;
    connection->is_idle = reader.is_idle();
    auto deadline =
        SteadyClock::now() + (connection->is_idle ? options_.idle_timeout : options_.read_timeout);
    while (true) {
        ReadOutcome outcome = reader.next();
        if (std::holds_alternative<ExpectsContinue>(outcome)) {
            auto writing = write(connection, "HTTP/1.1 100 Continue\r\n\r\n");
            co_await std::move(writing);
            continue;
        }
        if (!std::holds_alternative<NeedsMore>(outcome)) {
            co_return outcome;
        }
        if (connection->is_idle && is_draining_ && !has_bytes(connection->socket)) {
            co_return std::nullopt;
        }
        connection->deadline = deadline;
        const auto space = reader.space();
        const auto buffer = asio::buffer(space.data(), space.size());
        error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        auto reading = connection->socket.async_read_some(buffer, token);
        const std::size_t count = co_await std::move(reading);
        connection->deadline = SteadyClock::time_point::max();
        if (error && connection->timed_out && !connection->is_idle) {
            co_return RefusedRequest{408, "the request did not come in time"};
        }
        if (error) {
            co_return std::nullopt;
        }
        if (connection->is_idle) {
            connection->is_idle = false;
            deadline = SteadyClock::now() + options_.read_timeout;
        }
        reader.received(count);
    }
}

void HttpServer::Core::start_answer(Place connection, IncomingRequest request) {
    connection->answered.expires_at(SteadyClock::time_point::max());
    pool_.post([this, connection, request = std::move(request)]() mutable {
        Response response = answer_(std::move(request));
        asio::post(io_, [connection, response = std::move(response)]() mutable {
            connection->response = std::move(response);
            connection->answered.cancel();
        });
    });
}

/// Sends the text; false if the client is gone or takes nothing for too long.
asio::awaitable<bool> HttpServer::Core::write(Place connection, std::string text) {
    std::size_t sent = 0;
    while (sent < text.size()) {
        connection->deadline = SteadyClock::now() + options_.write_timeout;
        const auto rest = asio::buffer(text.data() + sent, text.size() - sent);
        error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        auto writing = connection->socket.async_write_some(rest, token);
        sent += co_await std::move(writing);
        connection->deadline = SteadyClock::time_point::max();
        if (error) {
            co_return false;
        }
    }
    co_return true;
}

/// Sends the response's stream to its end; false if the connection is of no more use.
asio::awaitable<bool> HttpServer::Core::write_stream(Place connection, bool is_chunked) {
    using Then = StreamPart::Then;
    const bool is_endless = !connection->response.stream->length();
    while (!connection->is_gone) {
        start_part(connection);
        error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        auto answering = connection->answered.async_wait(token);
        co_await std::move(answering);
        if (!connection->part) {
            co_return false;
        }
        StreamPart part = *std::move(connection->part);
        const bool is_end = part.then == Then::end || (is_endless && is_draining_);
        std::string text = is_chunked && !part.bytes.empty() ? chunk_text(part.bytes) : std::move(part.bytes);
        if (is_chunked && is_end) {
            text += chunk_text({});
        }
        auto writing = write(connection, std::move(text));
        const bool is_written = co_await std::move(writing);
        if (!is_written || is_end) {
            co_return is_written;
        }
        if (part.then == Then::wait && !is_draining_) {
            wait_until_due(connection);
            auto waiting = connection->answered.async_wait(token);
            co_await std::move(waiting);
        }
    }
    co_return false;
}

void HttpServer::Core::start_part(Place connection) {
    pool_.post([this, connection] {
        std::optional<StreamPart> part;
        try {
            part = connection->response.stream->next(SteadyClock::now());
        } catch (const std::exception& exception) {
            log_warning("an answer broke off: {}", exception.what());
        }
        asio::post(io_, [connection, part = std::move(part)]() mutable {
            connection->part = std::move(part);
            connection->answered.cancel();
        });
    });
}

void HttpServer::Core::wait_until_due(Place connection) {
    waiting_streams_.push_back(connection);
    if (waiting_streams_.size() == 1) {
        watch_streams();
    }
}

void HttpServer::Core::watch_streams() {
    stream_timer_.expires_after(stream_tick);
    stream_timer_.async_wait([this](const error_code& error) {
        if (!error) {
            wake_streams();
        }
    });
}

/// Goes on with the streams that are due.
void HttpServer::Core::wake_streams() {
    const auto now = SteadyClock::now();
    std::erase_if(waiting_streams_, [&](Place connection) {
        const bool wakes = connection->is_gone || connection->response.stream->is_due(now);
        if (wakes) {
            connection->answered.cancel();
        }
        return wakes;
    });
    if (!waiting_streams_.empty()) {
        watch_streams();
    }
}

/// Goes on with all streams, which then end where the server drains.
void HttpServer::Core::wake_all_streams() {
    for (const Place connection : std::exchange(waiting_streams_, {})) {
        connection->answered.cancel();
    }
}

/// Takes for a while what a client still sends: closing at once would throw away the answer on its way to it.
asio::awaitable<void> HttpServer::Core::linger(Place connection) {
    error_code error;
    connection->socket.shutdown(tcp::socket::shutdown_send, error);
    connection->deadline = SteadyClock::now() + linger_time;
    while (!error) {
        const auto space = connection->reader.space();
        const auto buffer = asio::buffer(space.data(), space.size());
        auto token = asio::redirect_error(asio::use_awaitable, error);
        auto reading = connection->socket.async_read_some(buffer, token);
        co_await std::move(reading);
    }
}

void HttpServer::Core::finish(Place connection, const std::exception_ptr& error) {
    if (error) {
        try {
            std::rethrow_exception(error);
        } catch (const std::exception& exception) {
            log_error("a connection ended by an internal error: {}", exception.what());
        }
    }
    connections_.erase(connection);
    if (options_.metrics != nullptr) {
        options_.metrics->connection_closed();
    }
    if (is_draining_ && connections_.empty()) {
        io_.stop();
    }
}

/// Ends what has waited for longer than it may, now and then.
void HttpServer::Core::sweep() {
    using std::chrono::milliseconds;
    const auto shortest = std::min({options_.read_timeout, options_.write_timeout, options_.idle_timeout});
    sweep_timer_.expires_after(std::clamp(shortest / 4, milliseconds(5), milliseconds(1'000)));
    sweep_timer_.async_wait([this](const error_code& error) {
        if (error) {
            return;
        }
        const auto now = SteadyClock::now();
        for (Connection& connection : connections_) {
            if (connection.deadline < now) {
                connection.timed_out = true;
                error_code ignored;
                connection.socket.cancel(ignored);
            }
        }
        for (const Place connection : waiting_streams_) {
            connection->is_gone = is_closed(connection->socket);
        }
        sweep();
    });
}

/// Takes the connections that wait to be taken: their requests may have come already, and are lost with the
/// listening socket.
void HttpServer::Core::admit_waiting() {
    error_code error;
    acceptor_.non_blocking(true, error);
    while (!error) {
        tcp::socket socket(io_);
        acceptor_.accept(socket, error);
        if (!error) {
            admit(std::move(socket));
        }
    }
}

void HttpServer::Core::begin_drain() {
    is_draining_ = true;
    admit_waiting();
    error_code ignored;
    acceptor_.close(ignored);
    if (connections_.empty()) {
        io_.stop();
        return;
    }
    for (Connection& connection : connections_) {
        if (connection.is_idle && !has_bytes(connection.socket)) {
            connection.socket.cancel(ignored);
        }
    }
    wake_all_streams();
    drain_timer_.expires_after(options_.drain_timeout);
    drain_timer_.async_wait([this](const error_code&) { io_.stop(); });
}

std::string HttpServer::Core::text_of(const Response& response, ResponseForm form) {
    const std::time_t now = std::time(nullptr);
    if (now != date_seconds_) {
        date_seconds_ = now;
        date_ = http_date(now);
    }
    form.date = date_;
    return response_text(response, form);
}

HttpServer::HttpServer(HttpServerOptions options, AnswerRequest answer)
    : core_(std::make_unique<Core>(std::move(options), std::move(answer))) {}

HttpServer::~HttpServer() {
    stop();
}

std::uint16_t HttpServer::port() const {
    return core_->port();
}

void HttpServer::stop() {
    core_->stop();
}

}  // namespace flotilla

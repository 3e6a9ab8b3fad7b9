#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "api/listener.hpp"
#include "api/request_id.hpp"
#include "api/server_core.hpp"
#include "base/log.hpp"

namespace flotilla {

namespace {

constexpr auto accept_pause = std::chrono::milliseconds(100);
constexpr auto linger_time = std::chrono::seconds(2);
/// Of shorter ones even the most connections together hold no more than a few hundred MiB.
constexpr std::size_t long_answer = std::size_t{64} << 10;

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

/// Counts bytes that wait to be sent for as long as it lives.
class Unsent {
public:
    Unsent(std::size_t& sum, std::size_t size) : sum_(sum), size_(size) { sum_ += size_; }
    Unsent(const Unsent&) = delete;
    Unsent& operator=(const Unsent&) = delete;
    ~Unsent() { sum_ -= size_; }

private:
    std::size_t& sum_;
    std::size_t size_;
};

}  // namespace

HttpServer::Core::Core(HttpServerOptions options, AnswerRequest answer)
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

void HttpServer::Core::stop() {
    if (!thread_.joinable()) {
        return;
    }
    asio::post(io_, [this] { begin_drain(); });
    thread_.join();
    pool_.stop();
    refusal_log_.join();
}

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
    const auto place = std::prev(connections_.end());
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
        const bool has_stream = response.stream != nullptr;
        const bool is_endless = response.stream && !response.stream->length();
        const bool is_chunked = is_endless && received.takes_chunks;
        goes_on = received.keep_alive && !is_draining_ && (!is_endless || is_chunked);
        const ResponseForm form{.keep_alive = goes_on, .without_body = is_head, .is_chunked = is_chunked};
        auto writing = write(connection, answer_text(*connection, form));
        bool is_written = co_await std::move(writing);
        if (is_written && has_stream && !is_head) {
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
        // Also without an error: where bytes never stop coming, the read is over each time it would be
        // cancelled.
        const bool is_late = std::exchange(connection->timed_out, false);
        if (is_late && !connection->is_idle) {
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
    const auto weight = options_.is_heavy && options_.is_heavy(request) ? ThreadPool::Weight::heavy
                                                                        : ThreadPool::Weight::light;
    auto answering = [this, connection, request = std::move(request)]() mutable {
        Response response = answer_(std::move(request));
        asio::post(io_, [connection, response = std::move(response)]() mutable {
            connection->response = std::move(response);
            connection->answered.cancel();
        });
    };
    pool_.post(std::move(answering), weight);
}

/// The connection's answer, which is held only once from here on; a refusal where too much waits to be sent.
std::string HttpServer::Core::answer_text(Connection& connection, ResponseForm form) {
    std::string text = text_of(connection.response, form);
    std::string().swap(connection.response.body);  // to assign an empty one would keep its memory
    if (text.size() > long_answer && text.size() + unsent_ > options_.most_unsent) {
        Response full = refusal(503, "too many long answers wait to be read by their clients");
        full.headers.emplace_back("Retry-After", "1");
        text = text_of(full, form);
    }
    return text;
}

/// Sends the text; false if the client is gone or takes nothing for too long.
asio::awaitable<bool> HttpServer::Core::write(Place connection, std::string text) {
    const Unsent unsent(unsent_, text.size() > long_answer ? text.size() : 0);
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

/// Takes for a while what a client still sends: closing at once would throw away the answer on its way to it.
asio::awaitable<void> HttpServer::Core::linger(Place connection) {
    error_code error;
    connection->socket.shutdown(tcp::socket::shutdown_send, error);
    connection->deadline = SteadyClock::now() + linger_time;
    while (!error && !connection->timed_out) {
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

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "api/server_core.hpp"
#include "base/log.hpp"

namespace flotilla {

namespace {

constexpr auto stream_tick = std::chrono::milliseconds(25);

}  // namespace

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

}  // namespace flotilla

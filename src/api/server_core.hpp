#pragma once

#include <chrono>
#include <ctime>
#include <exception>
#include <list>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include "api/response_text.hpp"
#include "api/server.hpp"
#include "base/thread_pool.hpp"

// For server.cpp and server_streams.cpp alone.
//
// g++ 12.2 destroys some temporaries of a co_await expression twice: in the coroutines of this class
// everything that is awaited or passed to what is awaited is a named variable, and parameters come by value.

namespace flotilla {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using SteadyClock = std::chrono::steady_clock;

/// A connection; touched by the network thread only.
struct HttpServer::Connection {
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

/// What an HttpServer is made of.
class HttpServer::Core {
public:
    using Place = std::list<Connection>::iterator;

    Core(HttpServerOptions options, AnswerRequest answer);

    [[nodiscard]] std::uint16_t port() const { return port_; }

    void stop();

private:
    asio::awaitable<void> accept_connections();
    void admit(tcp::socket socket);
    Response refusal(int status, const std::string& reason);
    bool make_room();
    asio::awaitable<void> serve(Place connection);
    asio::awaitable<std::optional<ReadOutcome>> receive(Place connection);
    void start_answer(Place connection, IncomingRequest request);
    std::string answer_text(Connection& connection, ResponseForm form);
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
    std::size_t unsent_ = 0;  // bytes of long answers
    std::time_t date_seconds_ = 0;
    std::string date_;
    ThreadPool pool_;
    asio::thread_pool refusal_log_{1};
    std::thread thread_;
};

}  // namespace flotilla

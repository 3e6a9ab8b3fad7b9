#pragma once

#include <cstdint>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace flotilla {

/// Listens at `host`, a name or an IP literal without brackets (empty: every address), and `port` (0: any
/// free one). Throws `unavailable` with one line that says what to do if it cannot.
[[nodiscard]] boost::asio::ip::tcp::acceptor listen_on(boost::asio::io_context& io, const std::string& host,
                                                       std::uint16_t port);

}  // namespace flotilla

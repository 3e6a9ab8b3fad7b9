#include "api/listener.hpp"

#include <string_view>
#include <vector>

#include <boost/asio/ip/v6_only.hpp>
#include <fmt/format.h>

#include "base/error.hpp"

namespace flotilla {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

struct Place {
    const std::string& host;
    std::uint16_t port;
};

std::string address_text(const Place& place) {
    const bool is_ipv6 = place.host.find(':') != std::string::npos;
    return is_ipv6 ? fmt::format("[{}]:{}", place.host, place.port)
                   : fmt::format("{}:{}", place.host, place.port);
}

Error cannot_listen(const Place& place, const error_code& error) {
    std::string_view advice = "set http.server.listen_address to an address of this host";
    if (error == asio::error::address_in_use) {
        advice = "is another server running? Set http.server.listen_address to another port";
    } else if (error == asio::error::access_denied) {
        advice = "ports below 1024 are for root; set http.server.listen_address to another port";
    }
    return unavailable("cannot listen on {}: {}; {}", address_text(place), error.message(), advice);
}

/// Listens on the endpoint; the error if it cannot.
error_code listen(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
    error_code error;
    acceptor.open(endpoint.protocol(), error);
    if (!error) {
        acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    }
    if (!error && endpoint.address().is_v6()) {
        acceptor.set_option(asio::ip::v6_only(!endpoint.address().is_unspecified()), error);
    }
    if (!error) {
        acceptor.bind(endpoint, error);
    }
    if (!error) {
        acceptor.listen(asio::socket_base::max_listen_connections, error);
    }
    if (error) {
        error_code ignored;
        acceptor.close(ignored);
    }
    return error;
}

/// The endpoints to try, one after the other. Both families of every address come by one IPv6 socket.
std::vector<tcp::endpoint> endpoints_of(asio::io_context& io, const Place& place) {
    if (place.host.empty()) {
        return {{tcp::v6(), place.port}, {tcp::v4(), place.port}};
    }
    error_code error;
    tcp::resolver resolver(io);
    const auto found = resolver.resolve(place.host, std::to_string(place.port),
                                        tcp::resolver::passive | tcp::resolver::numeric_service, error);
    if (error) {
        throw cannot_listen(place, error);
    }
    std::vector<tcp::endpoint> endpoints;
    for (const auto& entry : found) {
        endpoints.push_back(entry.endpoint());
    }
    return endpoints;
}

}  // namespace

tcp::acceptor listen_on(asio::io_context& io, const std::string& host, std::uint16_t port) {
    const Place place{host, port};
    tcp::acceptor acceptor(io);
    error_code error;
    for (const tcp::endpoint& endpoint : endpoints_of(io, place)) {
        error = listen(acceptor, endpoint);
        if (!error) {
            return acceptor;
        }
    }
    throw cannot_listen(place, error);
}

}  // namespace flotilla

#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/file.hpp"

namespace flotilla::test {

/// A TCP connection to a port of 127.0.0.1 that sends and reads bytes as they are. Reading gives up after 10
/// seconds.
class LoopbackClient {
public:
    explicit LoopbackClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const timeval patience{10, 0};
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        is_connected_ =
            ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    }

    [[nodiscard]] bool is_connected() const { return is_connected_; }

    void send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent < 0) {
                return;
            }
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    /// One response: head and as much of a body as Content-Length says. What came if the connection ends
    /// before.
    std::string read_response(bool has_body = true) {
        while (pending_.find("\r\n\r\n") == std::string::npos) {
            if (!receive()) {
                return std::exchange(pending_, {});
            }
        }
        const auto head = pending_.find("\r\n\r\n") + 4;
        const auto length_at = pending_.find("Content-Length: ");
        const bool says_length = has_body && length_at < head;
        const std::size_t body = says_length ? std::stoul(pending_.substr(length_at + 16)) : 0;
        while (pending_.size() < head + body && receive()) {
        }
        std::string response = pending_.substr(0, head + body);
        pending_.erase(0, head + body);
        return response;
    }

    /// What comes up to and including `end`. What came if the connection ends before.
    std::string read_up_to(std::string_view end) {
        while (pending_.find(end) == std::string::npos) {
            if (!receive()) {
                return std::exchange(pending_, {});
            }
        }
        const auto length = pending_.find(end) + end.size();
        std::string text = pending_.substr(0, length);
        pending_.erase(0, length);
        return text;
    }

    /// All that comes until the server closes the connection.
    std::string read_to_end() {
        while (receive()) {
        }
        return std::exchange(pending_, {});
    }

    /// Makes the window of this connection small, so that a server's writes soon stop.
    void take_little() {
        const int bytes = 4096;
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    }

private:
    bool receive() {
        std::array<char, 4096> buffer{};
        const auto count = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
        pending_.append(buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
        return count > 0;
    }

    UniqueFd socket_;
    bool is_connected_ = false;
    std::string pending_;
};

}  // namespace flotilla::test

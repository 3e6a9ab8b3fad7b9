#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <variant>

#include "api/http.hpp"

namespace flotilla {

/// How large a request may be, in bytes.
struct RequestLimits {
    std::size_t target = std::size_t{8} * 1024;
    std::size_t head = std::size_t{16} * 1024;
    std::size_t body = std::size_t{1024} * 1024;
};

/// More bytes are needed.
struct NeedsMore {};

/// The client waits for `100 Continue` before it sends the body (RFC 9110, section 10.1.1).
struct ExpectsContinue {};

/// A whole request.
struct ReceivedRequest {
    IncomingRequest request;
    bool keep_alive = true;    ///< the client wants to go on with this connection
    bool takes_chunks = true;  ///< it speaks HTTP/1.1
};

/// What came is no request that this server takes: answer so and close, since nobody knows where the next one
/// begins.
struct RefusedRequest {
    int status = 400;
    std::string message;
};

using ReadOutcome = std::variant<NeedsMore, ExpectsContinue, ReceivedRequest, RefusedRequest>;

/// Turns the bytes of one connection into requests (HTTP/1.0 and 1.1, RFC 9112), without any input or output
/// of its own. Refuses what two servers could read differently: both Content-Length and Transfer-Encoding,
/// either one twice, other encodings than `chunked`, more than one Host, headers of several lines, lines that
/// end in LF alone. A beginning of TLS is refused at its first byte. Fields after a chunked body are dropped.
class RequestReader {
public:
    explicit RequestReader(RequestLimits limits);
    RequestReader(const RequestReader&) = delete;
    RequestReader& operator=(const RequestReader&) = delete;
    ~RequestReader();

    /// Where the next bytes of the connection go.
    [[nodiscard]] std::span<char> space();
    /// Says that `count` bytes were put at the front of `space()`.
    void received(std::size_t count);
    /// Goes on with what came. After a request it begins with the next one; after a refusal it is of no more
    /// use.
    [[nodiscard]] ReadOutcome next();
    /// Whether no byte of a request has come that was not answered for by `next`.
    [[nodiscard]] bool is_idle() const;

private:
    class Parser;
    std::unique_ptr<Parser> parser_;
};

}  // namespace flotilla

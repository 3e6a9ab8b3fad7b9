#pragma once

#include <ctime>
#include <string>
#include <string_view>

#include "api/http.hpp"

namespace flotilla {

/// A moment as HTTP writes it, such as `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
[[nodiscard]] std::string http_date(std::time_t seconds);

/// How a response is sent.
struct ResponseForm {
    bool keep_alive = true;     ///< the connection goes on afterwards
    bool without_body = false;  ///< the request was HEAD: Content-Length says what GET would send
    bool is_chunked = false;    ///< a stream without a length comes in chunks
    std::string_view date{};
};

/// The bytes of a response, but for the body where that is a stream. A 304 is sent without its body, which
/// only says how long that of a 200 is (RFC 9110, section 8.6).
[[nodiscard]] std::string response_text(const Response& response, const ResponseForm& form);

/// A piece of a body in chunks (RFC 9112, section 7.1); an empty one ends the body.
[[nodiscard]] std::string chunk_text(std::string_view bytes);

}  // namespace flotilla

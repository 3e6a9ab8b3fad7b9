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
    std::string_view date;
};

/// The bytes of a response. A 304 is sent without its body, which only says how long that of a 200 is
/// (RFC 9110, section 8.6).
[[nodiscard]] std::string response_text(const Response& response, const ResponseForm& form);

}  // namespace flotilla

#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/response_stream.hpp"

namespace flotilla {

enum class HttpVerb { get, head, post, put, delete_, options, other };

/// `GET` and so on; `OTHER` for what this server does not know.
[[nodiscard]] std::string_view name_of(HttpVerb verb);

/// Whether requests of this kind may change something: all but those that HTTP calls safe.
[[nodiscard]] bool is_changing(HttpVerb verb);

/// Header fields in the order given; names compare without regard to case (RFC 9110, section 5.1).
using Headers = std::vector<std::pair<std::string, std::string>>;

/// The value of the first field of that name.
[[nodiscard]] std::optional<std::string_view> find_header(const Headers& headers, std::string_view name);

/// How many fields there are of that name.
[[nodiscard]] std::size_t count_headers(const Headers& headers, std::string_view name);

/// What a field that is a list holds, each without blanks around it (RFC 9110, section 5.6.1).
[[nodiscard]] std::vector<std::string_view> list_elements(std::string_view field);

/// A request as it came over the wire.
struct IncomingRequest {
    HttpVerb verb = HttpVerb::get;
    std::string target;  ///< path and query, still escaped
    Headers headers;
    std::string body;
    std::string id{};  ///< its name in the log and in the answer
    std::chrono::steady_clock::time_point received = std::chrono::steady_clock::now();
};

/// What became known of a request while it was handled, for the log and the metrics.
struct Handling {
    std::string route;   ///< the pattern of its route; empty: it came to none
    std::string run_id;  ///< the run that its path names; empty: none
    std::string caller;  ///< who sends it; empty: nobody known
};

struct Response {
    int status = 200;
    std::string body;  ///< not sent where there is a stream
    std::string content_type = "application/json; charset=utf-8";
    Headers headers;  ///< besides those that the server sets: Content-Type, Content-Length, Date, Server,
                      ///< Connection; one that keeps pages safe in browsers takes the place of the usual
    std::unique_ptr<ResponseStream> stream{};  ///< the body, if it is not to be held in memory
};

/// 200 with a body of JSON.
[[nodiscard]] Response json_response(std::string body);

/// A response with `{"error": message}`.
[[nodiscard]] Response error_response(int status, std::string_view message);

/// `Not Found` for 404 and so on; empty for a status that this server does not send.
[[nodiscard]] std::string_view reason_phrase(int status);

}  // namespace flotilla

#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flotilla {

/// Names and values in the order sent; names compare without regard to case.
using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// By which files a server is trusted and told who asks: PEM, paths. Empty ones are the system's, and none.
struct TlsFiles {
    std::string authorities;  ///< those who may sign the server's certificate
    std::string certificate;  ///< ours
    std::string key;          ///< of our certificate
};

struct HttpRequest {
    std::string method = "GET";
    std::string url;  ///< `http://...` or `https://...`
    HttpHeaders headers{};
    std::string body{};
    std::chrono::milliseconds timeout{30'000};  ///< for the whole exchange
    std::string unix_socket{};  ///< path of a socket to speak to instead of the URL's host; or empty
    /// Gets the body of a 2xx answer piece by piece, which then is not in the response; false ends the
    /// exchange. The timeout is then for the time without a byte; zero: an answer may take for ever.
    std::function<bool(std::string_view)> take_body{};
    std::chrono::milliseconds longest{0};  ///< a stream that goes on for longer is ended; zero: never
    TlsFiles tls{};
    bool on_new_connection = false;  ///< not on one that is open since an earlier exchange
    std::stop_token stop{};          ///< ends the exchange at once when it is requested
};

struct HttpResponse {
    int status = 0;
    HttpHeaders headers{};
    std::string body{};
    bool is_whole = true;  ///< false: it was ended by `take_body`, or for its time; then the status may be 0

    /// The value of the first header of that name; empty if there is none.
    [[nodiscard]] std::string_view header(std::string_view name) const;
};

/// Sends HTTP requests. Safe to call from any thread.
class HttpClient {
public:
    HttpClient() = default;
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;
    virtual ~HttpClient() = default;

    /// Sends the request and waits for the whole answer, of whatever status; redirects are answers too.
    /// Throws `unavailable` with one sentence that names the server if there is none or it was told to stop,
    /// `invalid` for a URL that cannot be asked.
    [[nodiscard]] virtual HttpResponse send(const HttpRequest& request) = 0;
};

/// Percent-encodes a path segment or a query value: all but letters, digits and `-._~` (RFC 3986, 2.3).
[[nodiscard]] std::string url_encoded(std::string_view text);

/// Scheme, host and port: `http://127.0.0.1:3000` of `http://127.0.0.1:3000/x?y`.
[[nodiscard]] std::string_view url_origin(std::string_view url);

}  // namespace flotilla

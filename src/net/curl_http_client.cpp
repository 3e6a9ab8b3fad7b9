#include "net/curl_http_client.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <curl/curl.h>
#include <fmt/format.h>

#include "base/error.hpp"
#include "base/thread_pool.hpp"
#include "base/time_text.hpp"
#include "base/trimmed.hpp"

namespace flotilla {

namespace {

/// Prepares libcurl once for the process, which has to happen before other threads use it.
void prepare_curl() {
    static const CURLcode result = ::curl_global_init(CURL_GLOBAL_DEFAULT);
    if (result != CURLE_OK) {
        throw std::runtime_error(fmt::format("cannot start libcurl: {}", ::curl_easy_strerror(result)));
    }
}

std::string lower_first(std::string text) {
    if (text.size() > 1 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a' && text[1] <= 'z') {
        text[0] = static_cast<char>(text[0] - 'A' + 'a');
    }
    return text;
}

/// An exchange that goes on.
struct Exchange {
    const HttpRequest& request;
    HttpResponse response{};
    bool is_ended_early = false;  // by whoever takes the body, or for its time
};

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* exchange) {
    auto& [request, response, is_ended_early] = *static_cast<Exchange*>(exchange);
    const std::string_view piece(data, size * count);
    if (!request.take_body || response.status / 100 != 2) {
        response.body.append(piece);
        return piece.size();
    }
    is_ended_early = !request.take_body(piece);
    return is_ended_early ? 0 : piece.size();
}

std::size_t append_header(char* data, std::size_t size, std::size_t count, void* exchange) {
    HttpResponse& response = static_cast<Exchange*>(exchange)->response;
    auto& headers = response.headers;
    const std::string_view line(data, size * count);
    if (line.starts_with("HTTP/")) {
        headers.clear();  // the answer before was an interim one, such as 100 Continue
        const auto blank = std::min(line.find(' '), line.size());
        const auto number = line.substr(blank).substr(0, 4);
        response.status = 0;
        std::from_chars(number.data() + std::min<std::size_t>(1, number.size()),
                        number.data() + number.size(), response.status);
    } else if (const auto colon = line.find(':'); colon != std::string_view::npos) {
        headers.emplace_back(line.substr(0, colon), trimmed(line.substr(colon + 1)));
    }
    return size * count;
}

/// A curl_slist with its lifetime.
class HeaderList {
public:
    HeaderList() = default;
    HeaderList(const HeaderList&) = delete;
    HeaderList& operator=(const HeaderList&) = delete;
    ~HeaderList() { ::curl_slist_free_all(list_); }

    void add(const std::string& line) {
        curl_slist* const longer = ::curl_slist_append(list_, line.c_str());
        if (longer == nullptr) {
            throw std::bad_alloc();
        }
        list_ = longer;
    }
    [[nodiscard]] curl_slist* get() const { return list_; }

private:
    curl_slist* list_ = nullptr;
};

}  // namespace

/// One exchange at a time.
class CurlHttpClient::Handle {
public:
    Handle() : curl_(::curl_easy_init()), transfers_(::curl_multi_init()) {
        if (curl_ == nullptr || transfers_ == nullptr) {
            throw std::runtime_error("cannot start a libcurl transfer");
        }
    }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() {
        ::curl_easy_cleanup(curl_);
        ::curl_multi_cleanup(transfers_);
    }

    HttpResponse exchange(const HttpRequest& request) {
        ::curl_easy_reset(curl_);  // options only: open connections stay
        Exchange exchange{request};
        HeaderList headers;
        details_.fill('\0');
        set(CURLOPT_URL, request.url.c_str());
        set(CURLOPT_PROTOCOLS_STR, "http,https");
        set(CURLOPT_NOSIGNAL, 1L);
        set(CURLOPT_NOPROXY, no_proxy(request));
        set(CURLOPT_FRESH_CONNECT, request.on_new_connection ? 1L : 0L);
        set_timeout(request);
        set(CURLOPT_ERRORBUFFER, details_.data());
        set(CURLOPT_WRITEFUNCTION, take_body);
        set(CURLOPT_WRITEDATA, &exchange);
        set(CURLOPT_HEADERFUNCTION, append_header);
        set(CURLOPT_HEADERDATA, &exchange);
        if (!request.unix_socket.empty()) {
            set(CURLOPT_UNIX_SOCKET_PATH, request.unix_socket.c_str());
        }
        set_tls(request.tls);
        set_method(request);
        for (const auto& [name, value] : request.headers) {
            // "Name;" is how libcurl spells a header without a value
            headers.add(value.empty() ? name + ";" : fmt::format("{}: {}", name, value));
        }
        headers.add("Expect:");  // no waiting for 100 Continue
        set(CURLOPT_HTTPHEADER, headers.get());

        const CURLcode result = perform(exchange);
        if (result != CURLE_OK && !exchange.is_ended_early) {
            throw result == CURLE_ABORTED_BY_CALLBACK || request.stop.stop_requested()
                ? unavailable("{} is not asked any more", server_of(request))
                : failure(result, request);
        }
        exchange.response.is_whole = !exchange.is_ended_early;
        long status = 0;
        ::curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
        exchange.response.status = static_cast<int>(status);
        return std::move(exchange.response);
    }

private:
    /// As curl_easy_perform(3), but ends, as aborted, when it is told to stop or its time is over.
    CURLcode perform(Exchange& exchange) {
        using std::chrono::milliseconds;
        using std::chrono::steady_clock;
        constexpr milliseconds for_ever = std::chrono::hours{24 * 365};
        const milliseconds longest = exchange.request.longest;
        const auto deadline = steady_clock::now() + (longest.count() > 0 ? longest : for_ever);
        const std::stop_token& stop = exchange.request.stop;
        const std::stop_callback wake(stop, [this] { ::curl_multi_wakeup(transfers_); });
        CURLMcode state = ::curl_multi_add_handle(transfers_, curl_);
        int running = 1;
        while (state == CURLM_OK && running > 0 && !stop.stop_requested()) {
            state = ::curl_multi_perform(transfers_, &running);
            const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
            exchange.is_ended_early |= running > 0 && left.count() <= 0;
            if (exchange.is_ended_early) {
                break;
            }
            if (state == CURLM_OK && running > 0) {
                constexpr milliseconds longest_wait{60'000};  // it comes back earlier where it has to
                const auto wait = static_cast<int>(std::min(left, longest_wait).count());
                state = ::curl_multi_poll(transfers_, nullptr, 0, wait, nullptr);
            }
        }
        CURLcode result = state == CURLM_OK ? CURLE_ABORTED_BY_CALLBACK : CURLE_FAILED_INIT;
        int messages = 0;
        while (const CURLMsg* const message = ::curl_multi_info_read(transfers_, &messages)) {
            result = message->data.result;
        }
        ::curl_multi_remove_handle(transfers_, curl_);
        return result;
    }

    template <typename Value>
    void set(CURLoption option, Value value) {
        const CURLcode result = ::curl_easy_setopt(curl_, option, value);
        if (result != CURLE_OK) {
            throw std::runtime_error(
                fmt::format("libcurl refused an option: {}", ::curl_easy_strerror(result)));
        }
    }

    void set_timeout(const HttpRequest& request) {
        const auto milliseconds = static_cast<long>(request.timeout.count());
        if (!request.take_body) {
            set(CURLOPT_TIMEOUT_MS, milliseconds);
            return;
        }
        set(CURLOPT_TCP_KEEPALIVE, 1L);  // who waits for long has to learn that the other host is gone
        if (milliseconds > 0) {
            set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds);
            set(CURLOPT_LOW_SPEED_LIMIT, 1L);
            set(CURLOPT_LOW_SPEED_TIME, std::max(1L, milliseconds / 1000));
        }
    }

    void set_tls(const TlsFiles& tls) {
        for (const auto& [option, path] :
             {std::pair(CURLOPT_CAINFO, &tls.authorities), std::pair(CURLOPT_SSLCERT, &tls.certificate),
              std::pair(CURLOPT_SSLKEY, &tls.key)}) {
            if (!path->empty()) {
                set(option, path->c_str());
            }
        }
    }

    void set_method(const HttpRequest& request) {
        if (request.method == "HEAD") {
            set(CURLOPT_NOBODY, 1L);
            return;
        }
        set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
        if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
            set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
            set(CURLOPT_POSTFIELDS, request.body.data());
        }
    }

    static const char* no_proxy(const HttpRequest& request) {
        const auto origin = url_origin(request.url);
        for (const std::string_view host : {"://127.", "://localhost", "://[::1]"}) {
            if (origin.find(host) != std::string_view::npos) {
                return "*";
            }
        }
        return request.unix_socket.empty() ? nullptr : "*";
    }

    static std::string server_of(const HttpRequest& request) {
        return request.unix_socket.empty() ? std::string(url_origin(request.url)) : request.unix_socket;
    }

    /// What went wrong, as an error for people.
    Error failure(CURLcode result, const HttpRequest& request) const {
        const std::string server = server_of(request);
        const std::string_view explained = details_[0] != '\0'
                                               ? std::string_view(details_.data())
                                               : std::string_view(::curl_easy_strerror(result));
        switch (result) {
            case CURLE_URL_MALFORMAT:
            case CURLE_UNSUPPORTED_PROTOCOL:
                return invalid("[{}] is not the URL of a server; it has to look like http://host:port",
                               server);
            case CURLE_COULDNT_RESOLVE_HOST:
                return unavailable("cannot reach {}: the host name is not known", server);
            case CURLE_OPERATION_TIMEDOUT:
                return unavailable("cannot reach {}: no answer within {}", server,
                                   duration_text(request.timeout));
            case CURLE_COULDNT_CONNECT: {
                long error = 0;
                ::curl_easy_getinfo(curl_, CURLINFO_OS_ERRNO, &error);
                if (error != 0) {
                    return unavailable("cannot reach {}: {}", server,
                                       lower_first(std::generic_category().message(static_cast<int>(error))));
                }
                return unavailable("cannot reach {}: {}", server, lower_first(std::string(explained)));
            }
            case CURLE_GOT_NOTHING:
                return unavailable("{} closed the connection without an answer", server);
            default:
                return unavailable("cannot reach {}: {}", server, lower_first(std::string(explained)));
        }
    }

    CURL* curl_;
    CURLM* transfers_;                             ///< `curl_` alone, and its open connections
    std::array<char, CURL_ERROR_SIZE> details_{};  ///< libcurl's own words about the last failure
};

CurlHttpClient::CurlHttpClient() {
    prepare_curl();
}
CurlHttpClient::~CurlHttpClient() = default;

HttpResponse CurlHttpClient::send(const HttpRequest& request) {
    std::unique_ptr<Handle> handle;
    {
        auto idle = idle_.lock();
        if (!idle->empty()) {
            handle = std::move(idle->back());
            idle->pop_back();
        }
    }
    if (!handle) {
        handle = std::make_unique<Handle>();
    }
    const BlockingSection waiting(WaitsFor::somebody_else);
    auto response = handle->exchange(request);
    idle_.lock()->push_back(std::move(handle));
    return response;
}

}  // namespace flotilla

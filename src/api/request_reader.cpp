#include "api/request_reader.hpp"

#include <algorithm>
#include <optional>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/format.h>

#include "base/letter_case.hpp"

namespace flotilla {

namespace http = boost::beast::http;

namespace {

constexpr std::size_t first_read_size = std::size_t{2} * 1024;  // what an idle connection holds
constexpr std::size_t read_size = std::size_t{16} * 1024;

// `0`, the end of its line and an empty line: what every chunked body still needs until it is done.
// Beast 1.81 asserts that the last chunk does not come in smaller pieces
// (https://github.com/boostorg/beast/pull/2861).
constexpr std::size_t shortest_chunked_end = 5;

using Fields = http::request<http::string_body>;

HttpVerb verb_of(http::verb verb) {
    switch (verb) {
        case http::verb::get:
            return HttpVerb::get;
        case http::verb::head:
            return HttpVerb::head;
        case http::verb::post:
            return HttpVerb::post;
        case http::verb::put:
            return HttpVerb::put;
        case http::verb::delete_:
            return HttpVerb::delete_;
        case http::verb::options:
            return HttpVerb::options;
        default:
            return HttpVerb::other;
    }
}

bool is_number(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

RefusedRequest target_too_long(const RequestLimits& limits) {
    return {414, fmt::format("the URL must not be longer than {} bytes", limits.target)};
}

/// Why a head that Beast took is refused all the same; nothing if it is fine.
std::optional<RefusedRequest> objection(const Fields& head, const RequestLimits& limits) {
    if (head.version() != 10 && head.version() != 11) {
        return RefusedRequest{400, "this server speaks HTTP/1.0 and HTTP/1.1"};
    }
    if (head.target().size() > limits.target) {
        return target_too_long(limits);
    }
    const auto hosts = head.count(http::field::host);
    if (hosts > 1 || (hosts == 0 && head.version() == 11)) {
        return RefusedRequest{400, "a request must have one Host header"};
    }
    const auto encodings = head.count(http::field::transfer_encoding);
    const bool is_chunked = equal_without_case(head[http::field::transfer_encoding], "chunked");
    if (encodings > 0 && (encodings > 1 || !is_chunked || head.version() == 10)) {
        return RefusedRequest{400, "the only Transfer-Encoding that is taken is chunked, once, in HTTP/1.1"};
    }
    const auto lengths = head.count(http::field::content_length);
    if (lengths > 0 && (lengths > 1 || !is_number(head[http::field::content_length]))) {
        return RefusedRequest{400, "Content-Length must be one number"};
    }
    if (head.count(http::field::expect) > 0 &&
        !equal_without_case(head[http::field::expect], "100-continue")) {
        return RefusedRequest{417, "the only expectation that is met is 100-continue"};
    }
    return std::nullopt;
}

/// What a TLS client begins with: the type of a handshake record (RFC 8446, section 5.1), no letter of a
/// method.
constexpr char tls_handshake = 0x16;

/// Whether a line ends in LF alone, from the offset `from` on, before which none does. No head that Beast
/// takes has one, and who ends lines so never sends the end of a head that is waited for.
bool has_bare_line_feed(std::string_view head, std::size_t from) {
    for (auto at = head.find('\n', from); at != std::string_view::npos; at = head.find('\n', at + 1)) {
        if (at == 0 || head[at - 1] != '\r') {
            return true;
        }
    }
    return false;
}

/// Whether a field goes on in a line that begins with a blank, which RFC 9112, section 5.2, did away with:
/// not every server reads it alike.
bool has_folded_line(std::string_view head) {
    return head.find("\r\n ") != std::string_view::npos || head.find("\r\n\t") != std::string_view::npos;
}

Headers headers_of(const Fields& head) {
    Headers headers;
    for (const auto& field : head) {
        headers.emplace_back(field.name_string(), field.value());
    }
    return headers;
}

}  // namespace

class RequestReader::Parser {
public:
    explicit Parser(RequestLimits limits) : limits_(limits) { begin_request(); }

    std::span<char> space() {
        const std::size_t size = is_idle() ? first_read_size : read_size;
        buffer_.erase(0, begin_);
        end_ -= begin_;
        begin_ = 0;
        if (end_ == 0 && buffer_.capacity() > 2 * size) {
            buffer_ = {};
        }
        buffer_.resize(end_ + size);
        return {buffer_.data() + end_, size};
    }

    void received(std::size_t count) { end_ += count; }

    bool is_idle() const { return begin_ == end_ && !head_is_done_; }

    ReadOutcome next() { return head_is_done_ ? read_body() : read_head(); }

private:
    std::string_view pending() const { return {buffer_.data() + begin_, end_ - begin_}; }

    void begin_request() {
        parser_.emplace();
        parser_->header_limit(static_cast<std::uint32_t>(limits_.head + 1));
        parser_->body_limit(limits_.body);
        head_is_done_ = false;
        searched_ = 0;
    }

    /// Beast bounds a head only as far as it comes at once, so it is given whole ones.
    ReadOutcome read_head() {
        skip_empty_lines();
        if (pending().starts_with(tls_handshake)) {
            return RefusedRequest{
                400, "this port speaks plain HTTP, not TLS: use http:// in the place of https://"};
        }
        const auto end = pending().find("\r\n\r\n", searched_);
        if (has_bare_line_feed(pending().substr(0, std::min(end, limits_.head)), searched_)) {
            return RefusedRequest{400, "malformed HTTP request: its lines must end in CR LF"};
        }
        // Until its end is there, the last three bytes may be the beginning of it.
        const auto size = end == std::string_view::npos
                              ? pending().size() - std::min<std::size_t>(pending().size(), 3)
                              : end;
        if (size > limits_.head) {
            const bool is_target = pending().find("\r\n") > limits_.target;
            return is_target ? target_too_long(limits_)
                             : RefusedRequest{431, fmt::format("the headers must not be longer than {} bytes",
                                                               limits_.head)};
        }
        if (end == std::string_view::npos) {
            searched_ = size;
            return NeedsMore{};
        }
        if (has_folded_line(pending().substr(0, end))) {
            return RefusedRequest{400, "malformed HTTP request: a header must stand on one line"};
        }
        boost::beast::error_code error;
        begin_ += parser_->put(boost::asio::const_buffer(pending().data(), end + 4), error);
        if (error || !parser_->is_header_done()) {
            return refusal(error);
        }
        if (auto refused = objection(parser_->get(), limits_)) {
            return *std::move(refused);
        }
        head_is_done_ = true;
        headers_ = headers_of(parser_->get());
        parser_->eager(!parser_->chunked());  // of a chunked body only one part at a time: see next_of_body
        return expects_continue() ? ReadOutcome(ExpectsContinue{}) : read_body();
    }

    ReadOutcome read_body() {
        while (!parser_->is_done()) {
            const std::string_view bytes = next_of_body();
            if (bytes.empty()) {
                return NeedsMore{};
            }
            boost::beast::error_code error;
            const std::size_t taken =
                parser_->put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
            begin_ += taken;
            if (error == http::error::need_more) {
                return more_or_refusal(bytes.size());
            }
            if (error) {
                return refusal(error);
            }
        }
        return take();
    }

    /// What Beast is given of the body at once. Of a chunked one no more than a line may have, so that it
    /// does not depend on how the bytes came which lines are too long.
    std::string_view next_of_body() const {
        if (!parser_->chunked()) {
            return pending();
        }
        return pending().substr(0, pending().size() < shortest_chunked_end ? 0 : limits_.head);
    }

    /// A server should ignore empty lines before a request (RFC 9112, section 2.2).
    void skip_empty_lines() {
        while (pending().starts_with("\r\n")) {
            begin_ += 2;
        }
    }

    bool expects_continue() const {
        return !parser_->is_done() && begin_ == end_ && parser_->get().version() == 11 &&
               parser_->get().count(http::field::expect) > 0;
    }

    ReadOutcome take() {
        Fields& message = parser_->get();
        ReceivedRequest received;
        received.request.verb = verb_of(message.method());
        received.request.target = std::string(message.target());
        received.request.headers = std::move(headers_);
        received.request.body = std::move(message.body());
        received.keep_alive = message.keep_alive();
        received.takes_chunks = message.version() >= 11;
        begin_request();
        return received;
    }

    /// The line before a chunk and what follows the last one only count as a whole: they must not grow
    /// without bound.
    ReadOutcome more_or_refusal(std::size_t given) const {
        if (given >= limits_.head) {
            return RefusedRequest{400, "malformed HTTP request: a line of the chunked body is too long"};
        }
        return NeedsMore{};
    }

    ReadOutcome refusal(const boost::beast::error_code& error) const {
        if (error == http::error::body_limit) {
            return RefusedRequest{413,
                                  fmt::format("the body must not be longer than {} bytes", limits_.body)};
        }
        return RefusedRequest{400, fmt::format("malformed HTTP request: {}", error.message())};
    }

    RequestLimits limits_;
    std::string buffer_;  // the bytes from begin_ to end_ wait to be parsed
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::optional<http::request_parser<http::string_body>> parser_;
    bool head_is_done_ = false;
    Headers headers_;           // without the fields after a chunked body: those must not pass for them
    std::size_t searched_ = 0;  // no head ends before this offset from begin_
};

RequestReader::RequestReader(RequestLimits limits) : parser_(std::make_unique<Parser>(limits)) {}
RequestReader::~RequestReader() = default;
std::span<char> RequestReader::space() {
    return parser_->space();
}
void RequestReader::received(std::size_t count) {
    parser_->received(count);
}
ReadOutcome RequestReader::next() {
    return parser_->next();
}
bool RequestReader::is_idle() const {
    return parser_->is_idle();
}

}  // namespace flotilla

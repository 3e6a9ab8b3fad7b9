#include "api/log_api.hpp"

#include <charconv>

#include <fmt/format.h>

#include "api/byte_range.hpp"
#include "api/log_byte_stream.hpp"
#include "api/log_event_stream.hpp"
#include "base/error.hpp"
#include "base/overloaded.hpp"
#include "wire/answers.hpp"

namespace flotilla {

namespace {

/// `what` is what the message says that it has to be.
template <typename Number>
std::optional<Number> number_parameter(const Request& request, std::string_view name, std::string_view what) {
    const auto* text = find_parameter(request.query, name);
    if (text == nullptr) {
        return std::nullopt;
    }
    Number number = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error != std::errc{} || end != text->data() + text->size()) {
        throw invalid("{} [{}] is not {}", name, *text, what);
    }
    return number;
}

std::optional<int> attempt_of(const Request& request) {
    return number_parameter<int>(request, "attempt", "the number of an attempt: they are counted from 1");
}

/// Whether a Range header counts: a client that goes on with an older answer says which (If-Range, RFC 9110,
/// section 13.1.5). HEAD has no ranges.
bool honours_range(const Request& request, std::string_view entity_tag) {
    const auto condition = find_header(request.headers, "If-Range");
    return request.verb == HttpVerb::get && count_headers(request.headers, "Range") == 1 &&
           (!condition || *condition == entity_tag);
}

Response bytes_response(std::unique_ptr<LogBytes> log, std::uint64_t offset, std::uint64_t length) {
    Response response;
    if (length > 0) {
        response.stream = std::make_unique<LogByteStream>(std::move(log), offset, length);
    }
    return response;
}

/// The bytes as text: curl and browsers show them, and `nosniff` keeps browsers from seeing anything else in
/// them. A log only grows, so that attempt and size name its content.
Response raw_log(LogService& logs, const Request& request) {
    const std::string& run_id = request.path_param("run_id");
    RawLog log =
        logs.open({run_id}, attempt_of(request),
                  find_header(request.headers, peer_header) ? Asker::another_server : Asker::somebody);
    const auto size = log.bytes ? static_cast<std::uint64_t>(log.bytes->size()) : 0;
    const std::string entity_tag = fmt::format("\"{}-{}\"", log.attempt, size);
    std::variant<WholeBody, ByteRange, UnsatisfiableRange> range;
    if (honours_range(request, entity_tag)) {
        range = parse_byte_range(*find_header(request.headers, "Range"), size);
    }
    Response response =
        std::visit(Overloaded{
                       [&](WholeBody) { return bytes_response(std::move(log.bytes), 0, size); },
                       [&](const ByteRange& part) {
                           Response partial = bytes_response(std::move(log.bytes), part.first, part.length());
                           partial.status = 206;
                           partial.headers.emplace_back("Content-Range", part.content_range(size));
                           return partial;
                       },
                       [&](UnsatisfiableRange) {
                           Response refusal = error_response(416, fmt::format("the log has {} bytes", size));
                           refusal.headers.emplace_back("Content-Range", fmt::format("bytes */{}", size));
                           return refusal;
                       },
                   },
                   range);
    response.headers.emplace_back("Accept-Ranges", "bytes");
    if (response.status != 416) {
        response.content_type = "text/plain; charset=utf-8";
        response.headers.emplace_back("ETag", entity_tag);
        response.headers.emplace_back("Content-Disposition",
                                      fmt::format("inline; filename=\"{}.log\"", run_id));
    }
    return response;
}

Response read_log(LogService& logs, const Request& request) {
    const auto* last_seen = find_parameter(request.query, "last_seen");
    if (find_parameter(request.query, "raw") != nullptr) {
        if (last_seen != nullptr) {
            throw invalid(
                "raw and last_seen exclude each other; a Range header asks for a part of the bytes");
        }
        return raw_log(logs, request);
    }
    const LogText page = logs.read({request.path_param("run_id")}, last_seen != nullptr ? *last_seen : "",
                                   attempt_of(request));
    return json_response(log_json(page.text, page.last_seen, page.may_grow));
}

Response read_log_lines(LogService& logs, const Request& request) {
    constexpr std::int64_t default_count = 1000;
    const NumberedLines lines = logs.lines(
        {request.path_param("run_id")}, attempt_of(request),
        number_parameter<std::int64_t>(request, "first", "the number of a line: they are counted from 1"),
        number_parameter<std::int64_t>(request, "count", "a number of lines").value_or(default_count));
    return json_response(log_lines_json(lines.attempt, lines.range.first, lines.range.total,
                                        lines.range.lines, lines.range.unfinished, lines.last_seen));
}

Response search_log(LogService& logs, const Request& request) {
    const auto* text = find_parameter(request.query, "text");
    const LineQuery query{
        .text = text != nullptr ? std::string_view(*text) : std::string_view(),
        .ignores_case = find_parameter(request.query, "ignore_case") != nullptr,
        .offset = number_parameter<std::int64_t>(request, "offset", "a number of lines").value_or(0)};
    const LineMatches matches = logs.search({request.path_param("run_id")}, attempt_of(request), query);
    return json_response(log_matches_json(matches.lines, matches.total));
}

/// The header is newer than the query: a browser that connects again repeats the URL and adds the header.
Response stream_log(LogService& logs, const Request& request) {
    std::string_view last_seen = find_header(request.headers, "Last-Event-ID").value_or("");
    const auto* parameter = find_parameter(request.query, "last_seen");
    if (last_seen.empty() && parameter != nullptr) {
        last_seen = *parameter;
    }
    Response response;
    response.content_type = "text/event-stream";
    response.headers.emplace_back("X-Accel-Buffering", "no");  // nginx: pass on every event at once
    const bool is_json = find_parameter(request.query, "json") != nullptr;
    response.stream =
        std::make_unique<LogEventStream>(logs.follow({request.path_param("run_id")}, last_seen),
                                         is_json ? LogEventStream::Form::json : LogEventStream::Form::text);
    return response;
}

}  // namespace

void add_log_routes(Router& router, LogService& logs) {
    router.add(
        HttpVerb::get, "/api/v1/{run_id}/logs",
        [&](const Request& request) { return read_log(logs, request); }, Access::servers);
    router.add(HttpVerb::get, "/api/v1/{run_id}/logs/lines",
               [&](const Request& request) { return read_log_lines(logs, request); });
    router.add(HttpVerb::get, "/api/v1/{run_id}/logs/search",
               [&](const Request& request) { return search_log(logs, request); });
    router.add(HttpVerb::get, "/api/v1/{run_id}/logs/stream",
               [&](const Request& request) { return stream_log(logs, request); });
}

}  // namespace flotilla

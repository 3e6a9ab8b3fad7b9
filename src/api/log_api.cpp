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

std::optional<int> attempt_of(const Request& request) {
    const auto* text = find_parameter(request.query, "attempt");
    if (text == nullptr) {
        return std::nullopt;
    }
    int attempt = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), attempt);
    if (error != std::errc{} || end != text->data() + text->size()) {
        throw invalid("attempt [{}] is not a number of an attempt: they are counted from 1", *text);
    }
    return attempt;
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
    return json_response(log_json(page.text, page.last_seen));
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
    response.stream =
        std::make_unique<LogEventStream>(logs.follow({request.path_param("run_id")}, last_seen));
    return response;
}

}  // namespace

void add_log_routes(Router& router, LogService& logs) {
    router.add(
        HttpVerb::get, "/api/v1/{run_id}/logs",
        [&](const Request& request) { return read_log(logs, request); }, Access::servers);
    router.add(HttpVerb::get, "/api/v1/{run_id}/logs/stream",
               [&](const Request& request) { return stream_log(logs, request); });
}

}  // namespace flotilla

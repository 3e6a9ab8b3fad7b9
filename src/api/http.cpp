#include "api/http.hpp"

#include <algorithm>

#include "base/letter_case.hpp"
#include "base/trimmed.hpp"
#include "wire/answers.hpp"

namespace flotilla {

std::string_view name_of(HttpVerb verb) {
    switch (verb) {
        case HttpVerb::get:
            return "GET";
        case HttpVerb::head:
            return "HEAD";
        case HttpVerb::post:
            return "POST";
        case HttpVerb::put:
            return "PUT";
        case HttpVerb::delete_:
            return "DELETE";
        case HttpVerb::options:
            return "OPTIONS";
        case HttpVerb::other:
            return "OTHER";
    }
    return "OTHER";
}

bool is_changing(HttpVerb verb) {
    return verb != HttpVerb::get && verb != HttpVerb::head && verb != HttpVerb::options;
}

std::vector<std::string_view> list_elements(std::string_view field) {
    std::vector<std::string_view> elements;
    while (!field.empty()) {
        const auto comma = std::min(field.find(','), field.size());
        elements.push_back(trimmed(field.substr(0, comma)));
        field.remove_prefix(std::min(comma + 1, field.size()));
    }
    return elements;
}

std::optional<std::string_view> find_header(const Headers& headers, std::string_view name) {
    const auto found = std::find_if(headers.begin(), headers.end(), [&](const auto& header) {
        return equal_without_case(header.first, name);
    });
    return found == headers.end() ? std::nullopt : std::optional<std::string_view>(found->second);
}

std::size_t count_headers(const Headers& headers, std::string_view name) {
    return static_cast<std::size_t>(std::count_if(headers.begin(), headers.end(), [&](const auto& header) {
        return equal_without_case(header.first, name);
    }));
}

Response json_response(std::string body) {
    Response response;
    response.body = std::move(body);
    return response;
}

Response error_response(int status, std::string_view message) {
    Response response;
    response.status = status;
    response.body = error_json(message);
    return response;
}

std::string_view reason_phrase(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 206:
            return "Partial Content";
        case 304:
            return "Not Modified";
        case 308:
            return "Permanent Redirect";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 416:
            return "Range Not Satisfiable";
        case 417:
            return "Expectation Failed";
        case 421:
            return "Misdirected Request";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 503:
            return "Service Unavailable";
        default:
            return "";
    }
}

}  // namespace flotilla

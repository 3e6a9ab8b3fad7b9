#include "client/json_text.hpp"

#include <algorithm>

#include <boost/json.hpp>

#include "base/error.hpp"

namespace flotilla {

boost::json::value parse_json_text(std::string_view text) {
    boost::json::stream_parser parser;
    boost::system::error_code error;
    std::size_t read = parser.write_some(text.data(), text.size(), error);
    if (!error && read < text.size()) {
        error = boost::json::error::extra_data;
    }
    if (!error) {
        parser.finish(error);
    }
    if (!error) {
        return parser.release();
    }
    const std::string_view before = text.substr(0, read);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const auto line_start = before.rfind('\n');
    const auto column = line_start == std::string_view::npos ? before.size() + 1 : before.size() - line_start;
    throw invalid("malformed JSON at line {}, column {}: {}", line, column, error.message());
}

boost::json::object parse_answer(std::string_view text) {
    boost::system::error_code error;
    auto answer = boost::json::parse(text, error);
    if (error || !answer.is_object()) {
        throw unavailable("the answer makes no sense: is it a Flotilla server? check --server");
    }
    return std::move(answer.get_object());
}

std::string_view text_member(const boost::json::object& object, std::string_view name) {
    const auto* const member = object.if_contains(name);
    const auto* const text = member != nullptr ? member->if_string() : nullptr;
    return text != nullptr ? std::string_view(*text) : std::string_view();
}

}  // namespace flotilla

#include "api/document/operation_html.hpp"

#include <algorithm>
#include <array>

#include <boost/json/array.hpp>
#include <boost/json/value_to.hpp>
#include <fmt/format.h>

#include "api/document/markdown.hpp"

namespace flotilla::document {

namespace json = boost::json;

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> methods{
    {{"get", "GET"}, {"post", "POST"}, {"put", "PUT"}, {"delete", "DELETE"}}};

std::string parameter_rows(const json::object& owner, const References& references) {
    const auto* parameters = owner.if_contains("parameters");
    std::string rows;
    for (const json::value& value : parameters == nullptr ? json::array{} : parameters->as_array()) {
        const json::object& parameter = references.resolved(value);
        rows += fmt::format(
            "<tr><td><code>{}</code> <span class=\"soft\">{}</span></td><td>{}</td><td>{}</td></tr>\n",
            escaped(text_of(parameter, "name")), escaped(text_of(parameter, "in")),
            type_html(parameter.at("schema").as_object()), html_from_line(text_of(parameter, "description")));
    }
    return rows;
}

/// `Execute` with the media type, and what stands as examples beside it.
std::string content_html(const json::object& content, const References& references) {
    std::string html;
    for (const auto& [media_type, value] : content) {
        const json::object& media = value.as_object();
        const json::object& schema = media.at("schema").as_object();
        html +=
            fmt::format("<p><code>{}</code> {}</p>\n",
                        escaped(std::string_view(media_type.data(), media_type.size())), type_html(schema));
        if (!schema.contains("$ref")) {
            html += members_html(schema, references);
        }
        if (const auto* example = media.if_contains("example")) {
            html += example_html(*example);
        }
        if (const auto* examples = media.if_contains("examples")) {
            for (const auto& [name, example] : examples->as_object()) {
                html += example_html(references.resolved(example).at("value"));
            }
        }
    }
    return html;
}

std::string headers_html(const json::object& response, const References& references) {
    const auto* headers = response.if_contains("headers");
    std::string rows;
    for (const auto& [name, value] : headers == nullptr ? json::object{} : headers->as_object()) {
        const json::object& header = references.resolved(value);
        rows += fmt::format(
            "<tr><td><code>{}</code> <span class=\"soft\">header</span></td><td>{}</td><td>{}</td></tr>\n",
            escaped(std::string_view(name.data(), name.size())), type_html(header.at("schema").as_object()),
            html_from_line(text_of(header, "description")));
    }
    return rows.empty() ? rows : "<div class=\"wide\"><table>\n" + rows + "</table></div>\n";
}

std::string responses_html(const json::object& responses, const References& references) {
    std::string good;
    std::string errors;
    for (const auto& [code, value] : responses) {
        const std::string status(code.data(), code.size());
        const json::object& response = references.resolved(value);
        const std::string description = html_from_line(text_of(response, "description"));
        if (status >= "400") {
            errors += fmt::format("<tr><td><code>{}</code></td><td>{}</td></tr>\n", status, description);
            continue;
        }
        good += fmt::format("<h4><code>{}</code> {}</h4>\n{}", status, description,
                            headers_html(response, references));
        if (const auto* content = response.if_contains("content")) {
            good += content_html(content->as_object(), references);
        }
    }
    return good + "<details><summary>errors</summary>\n<div class=\"wide\"><table>\n" + errors +
           "</table></div>\n</details>\n";
}

}  // namespace

std::vector<Operation> operations_of(const json::object& document) {
    std::vector<Operation> operations;
    for (const auto& [path, value] : document.at("paths").as_object()) {
        const json::object& item = value.as_object();
        for (const auto& [key, method] : methods) {
            const auto* found = item.if_contains({key.data(), key.size()});
            if (found == nullptr) {
                continue;
            }
            const json::object& object = found->as_object();
            operations.push_back({.path = std::string(path.data(), path.size()),
                                  .method = std::string(method),
                                  .id = text_of(object, "operationId"),
                                  .tag = json::value_to<std::string>(object.at("tags").as_array().at(0)),
                                  .summary = text_of(object, "summary"),
                                  .path_item = &item,
                                  .object = &object});
        }
    }
    return operations;
}

std::string operation_html(const Operation& operation, const References& references) {
    std::string html = fmt::format(
        "<article id=\"{}\">\n<h3>{}</h3>\n<p class=\"route\"><span class=\"method {}\">{}</span> "
        "<code>{}</code></p>\n",
        operation.id, escaped(operation.summary), operation.method, operation.method,
        escaped(operation.path));
    html += html_from_markdown(text_of(*operation.object, "description"));
    const std::string rows =
        parameter_rows(*operation.path_item, references) + parameter_rows(*operation.object, references);
    if (!rows.empty()) {
        html += "<h4>Parameters</h4>\n<div class=\"wide\"><table>\n" + rows + "</table></div>\n";
    }
    if (const auto* body = operation.object->if_contains("requestBody")) {
        html += "<h4>Body</h4>\n" +
                content_html(references.resolved(*body).at("content").as_object(), references);
    }
    html += responses_html(operation.object->at("responses").as_object(), references);
    return html + "</article>\n";
}

}  // namespace flotilla::document

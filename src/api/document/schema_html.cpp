#include "api/document/schema_html.hpp"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <fmt/format.h>

#include "api/document/markdown.hpp"

namespace flotilla::document {

namespace json = boost::json;

namespace {

std::string name_in(std::string_view reference) {
    return std::string(reference.substr(reference.rfind('/') + 1));
}

std::string number_html(const json::value& value) {
    return json::serialize(value);
}

/// `1 to 65535`, `1 or more`, `at most 5`; empty if nothing bounds it.
std::string bounds_html(const json::object& schema, const char* least_name, const char* most_name) {
    const auto* least = schema.if_contains(least_name);
    const auto* most = schema.if_contains(most_name);
    if (least != nullptr && most != nullptr) {
        return fmt::format("{} to {}", number_html(*least), number_html(*most));
    }
    if (least != nullptr) {
        return fmt::format("{} or more", number_html(*least));
    }
    return most != nullptr ? fmt::format("at most {}", number_html(*most)) : std::string();
}

/// The names of the types but null, which request bodies take for absent.
std::vector<std::string> types_of(const json::object& schema) {
    std::vector<std::string> types;
    const auto* type = schema.if_contains("type");
    if (type != nullptr && type->is_string()) {
        types.push_back(json::value_to<std::string>(*type));
    } else if (type != nullptr) {
        types = json::value_to<std::vector<std::string>>(*type);
        std::erase(types, "null");
    }
    return types;
}

std::string values_html(const json::array& values) {
    std::string html;
    for (const json::value& value : values) {
        const std::string text =
            value.is_string() ? json::value_to<std::string>(value) : json::serialize(value);
        html += (html.empty() ? "" : " ") + fmt::format("<code>{}</code>", escaped(text));
    }
    return html;
}

std::string one_type_html(const std::string& type, const json::object& schema) {
    if (type == "array") {
        const auto* items = schema.if_contains("items");
        return "list of " + (items == nullptr ? "anything" : type_html(items->as_object()));
    }
    const auto* others = schema.if_contains("additionalProperties");
    if (type == "object" && others != nullptr && others->is_object()) {
        return "object of " + type_html(others->as_object());
    }
    if (type == "string" && text_of(schema, "format") == "date-time") {
        return "time";
    }
    return type;
}

/// The members of a schema and of the objects within it, each by its path, such as `env[].name`.
class Members {
public:
    explicit Members(const References& references) : references_(references) {}

    /// A part of an `allOf` may add to what an earlier one says of a member only that it must be there.
    void collect(const json::object& schema, const std::string& prefix) {
        if (const auto* names = schema.if_contains("required")) {
            for (const auto& name : json::value_to<std::vector<std::string>>(*names)) {
                required_.push_back(prefix + name);
            }
        }
        if (const auto* members = schema.if_contains("properties")) {
            for (const auto& [name, member] : members->as_object()) {
                add(prefix + std::string(name), member.as_object());
            }
        }
        if (const auto* parts = schema.if_contains("allOf")) {
            for (const json::value& part : parts->as_array()) {
                collect(references_.resolved(part), prefix);
            }
        }
    }

    [[nodiscard]] std::string rows() const {
        std::string rows;
        for (const auto& [path, schema] : members_) {
            const bool is_required = std::find(required_.begin(), required_.end(), path) != required_.end();
            rows += fmt::format("<tr><td><code>{}</code>{}</td><td>{}</td><td>{}</td></tr>\n", escaped(path),
                                is_required ? " <span class=\"must\">always</span>" : "", type_html(*schema),
                                html_from_line(text_of(*schema, "description")));
        }
        return rows;
    }

private:
    void add(const std::string& path, const json::object& schema) {
        const bool is_known = std::any_of(members_.begin(), members_.end(),
                                          [&](const auto& member) { return member.first == path; });
        if (!is_known) {
            members_.emplace_back(path, &schema);
        }
        collect(schema, path + ".");
        if (const auto* items = schema.if_contains("items")) {
            collect(items->as_object(), path + "[].");
        }
    }

    const References& references_;
    std::vector<std::pair<std::string, const json::object*>> members_;
    std::vector<std::string> required_;
};

void append_indented(const json::value& value, std::string& out, const std::string& indent) {
    const std::string inner = indent + "  ";
    std::string separator = "\n";
    if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
        out += '{';
        for (const auto& [name, member] : *object) {
            out += separator + inner + json::serialize(json::string(name)) + ": ";
            append_indented(member, out, inner);
            separator = ",\n";
        }
        out += "\n" + indent + '}';
        return;
    }
    const std::string line = json::serialize(value);
    const auto* array = value.if_array();
    if (array == nullptr || line.size() + indent.size() < 80) {
        out += line;
        return;
    }
    out += '[';
    for (const json::value& element : *array) {
        out += separator + inner + json::serialize(element);
        separator = ",\n";
    }
    out += "\n" + indent + ']';
}

}  // namespace

const json::object& References::resolved(const json::value& value) const {
    const json::object& object = value.as_object();
    const std::string reference = text_of(object, "$ref");
    if (reference.empty()) {
        return object;
    }
    constexpr std::string_view root = "#/components/";
    json::error_code error;
    const json::value* found = nullptr;
    if (const auto* components = document_.if_contains("components"); reference.starts_with(root)) {
        found = components == nullptr ? nullptr
                                      : components->find_pointer(reference.substr(root.size() - 1), error);
    }
    if (found == nullptr) {
        throw std::runtime_error(fmt::format("nothing is at {}", reference));
    }
    return found->as_object();
}

std::string text_of(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains({name.data(), name.size()});
    return value != nullptr && value->is_string() ? json::value_to<std::string>(*value) : std::string();
}

std::string type_html(const json::object& schema) {
    if (const std::string reference = text_of(schema, "$ref"); !reference.empty()) {
        const std::string name = escaped(name_in(reference));
        return fmt::format("<a href=\"#schema-{0}\">{0}</a>", name);
    }
    std::string html;
    for (const std::string& type : types_of(schema)) {
        html += (html.empty() ? "" : " or ") + one_type_html(type, schema);
    }
    if (const auto* constant = schema.if_contains("const")) {
        html += values_html(json::array{*constant});
    }
    if (const auto* values = schema.if_contains("enum")) {
        html += ": " + values_html(values->as_array());
    }
    if (const std::string bounds = bounds_html(schema, "minimum", "maximum"); !bounds.empty()) {
        html += ", " + bounds;
    }
    if (const auto* usual = schema.if_contains("default")) {
        html += fmt::format(", usually {}", values_html(json::array{*usual}));
    }
    return html;
}

std::string members_html(const json::object& schema, const References& references) {
    Members members(references);
    members.collect(schema, "");
    const std::string rows = members.rows();
    return rows.empty() ? rows
                        : "<div class=\"wide\"><table class=\"members\">\n" + rows + "</table></div>\n";
}

std::string example_html(const json::value& value) {
    std::string text;
    append_indented(value, text, "");
    return fmt::format("<pre><code>{}</code></pre>\n", escaped(text));
}

}  // namespace flotilla::document

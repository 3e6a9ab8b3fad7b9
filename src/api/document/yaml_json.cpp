#include "api/document/yaml_json.hpp"

#include <stdexcept>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

namespace flotilla::document {

namespace json = boost::json;

namespace {

std::runtime_error mistake(const YAML::Mark& mark, const std::string& what) {
    return std::runtime_error(fmt::format("line {}, column {}: {}", mark.line + 1, mark.column + 1, what));
}

json::value from(const YAML::Node& node);

/// What is not quoted may be a number or a boolean (YAML 1.2, section 10.3.2).
json::value from_scalar(const YAML::Node& node) {
    const std::string& text = node.Scalar();
    if (node.Tag() == "!") {
        return json::string(text);
    }
    if (text == "true" || text == "false") {
        return text == "true";
    }
    std::int64_t integer = 0;
    double number = 0;
    if (YAML::convert<std::int64_t>::decode(node, integer) && std::to_string(integer) == text) {
        return integer;
    }
    if (text.find('.') != std::string::npos && YAML::convert<double>::decode(node, number)) {
        return number;
    }
    return json::string(text);
}

json::value from_map(const YAML::Node& node) {
    json::object object;
    for (const auto& entry : node) {
        const std::string& name = entry.first.Scalar();
        if (!entry.second || entry.second.IsNull()) {
            throw mistake(entry.first.Mark(),
                          fmt::format("[{}] has no value: quote texts with a comma or colon", name));
        }
        if (!object.emplace(name, from(entry.second)).second) {
            throw mistake(entry.first.Mark(), fmt::format("[{}] is given twice", name));
        }
    }
    return object;
}

json::value from(const YAML::Node& node) {
    if (node.IsMap()) {
        return from_map(node);
    }
    if (node.IsSequence()) {
        json::array array;
        for (const auto& element : node) {
            array.push_back(from(element));
        }
        return array;
    }
    return from_scalar(node);
}

}  // namespace

json::value json_from_yaml(const std::string& text) {
    try {
        return from(YAML::Load(text));
    } catch (const YAML::Exception& error) {
        throw mistake(error.mark, error.msg);
    }
}

}  // namespace flotilla::document

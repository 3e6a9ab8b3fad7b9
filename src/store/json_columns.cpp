#include "store/json_columns.hpp"

#include <boost/json.hpp>

namespace flotilla {

namespace json = boost::json;

std::string env_column(const Env& env) {
    json::array list;
    list.reserve(env.size());
    for (const EnvVar& variable : env) {
        json::object pair;
        pair["name"] = variable.name;
        pair["value"] = variable.value;
        list.push_back(std::move(pair));
    }
    return json::serialize(list);
}

Env env_from_column(const std::string& column) {
    Env env;
    const auto list = json::parse(column);
    for (const json::value& variable : list.as_array()) {
        env.push_back({json::value_to<std::string>(variable.at("name")),
                       json::value_to<std::string>(variable.at("value"))});
    }
    return env;
}

std::string ports_column(const std::vector<int>& ports) {
    return json::serialize(json::array(ports.begin(), ports.end()));
}

std::vector<int> ports_from_column(const std::string& column) {
    return json::value_to<std::vector<int>>(json::parse(column));
}

std::string texts_column(const std::vector<std::string>& texts) {
    return json::serialize(json::array(texts.begin(), texts.end()));
}

std::vector<std::string> texts_from_column(const std::string& column) {
    return json::value_to<std::vector<std::string>>(json::parse(column));
}

std::string labels_column(const Labels& labels) {
    return json::serialize(json::value_from(labels));
}

Labels labels_from_column(const std::string& column) {
    return json::value_to<Labels>(json::parse(column));
}

}  // namespace flotilla

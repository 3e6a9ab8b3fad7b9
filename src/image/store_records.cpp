#include "image/store_records.hpp"

#include <array>
#include <stdexcept>

#include <boost/json.hpp>

#include "base/time_text.hpp"

namespace flotilla {

namespace json = boost::json;

namespace {

constexpr std::array all_origins{ImageOrigin::pulled, ImageOrigin::imported, ImageOrigin::made_here};

json::string_view view(std::string_view text) {
    return {text.data(), text.size()};
}

std::string text_at(const json::object& object, std::string_view key) {
    const json::string& text = object.at(view(key)).as_string();
    return {text.data(), text.size()};
}

ImageOrigin parse_origin(const std::string& text) {
    for (const ImageOrigin origin : all_origins) {
        if (to_string(origin) == text) {
            return origin;
        }
    }
    throw std::runtime_error("unknown origin " + text);
}

TimePoint parse_stored_time(const std::string& text) {
    const auto time = parse_time(text);
    if (!time) {
        throw std::runtime_error("unreadable time " + text);
    }
    return *time;
}

}  // namespace

std::string_view to_string(ImageOrigin origin) {
    switch (origin) {
        case ImageOrigin::pulled:
            return "pulled";
        case ImageOrigin::imported:
            return "imported";
        case ImageOrigin::made_here:
            return "made here";
    }
    return "";
}

std::string to_json(const ImageRecord& record) {
    json::array env;
    for (const EnvVar& variable : record.config.env) {
        env.push_back({{"name", variable.name}, {"value", variable.value}});
    }
    json::array layers;
    for (const LayerRecord& layer : record.layers) {
        layers.push_back({{"folder", layer.folder}, {"blob", layer.blob}, {"size", layer.size}});
    }
    return json::serialize(json::object{{"digest", record.digest},
                                        {"origin", view(to_string(record.origin))},
                                        {"env", std::move(env)},
                                        {"working_dir", record.config.working_dir},
                                        {"user", record.config.user},
                                        {"layers", std::move(layers)}});
}

std::string to_json(const NameRecords& names) {
    json::object root;
    for (const auto& [name, record] : names) {
        root[name] = {{"digest", record.digest}, {"created_at", to_rfc3339(record.created_at)}};
    }
    return json::serialize(root);
}

ImageRecord parse_image_record(std::string_view text) {
    const json::value root = json::parse(view(text));
    const json::object& object = root.as_object();
    ImageRecord record{
        .digest = text_at(object, "digest"),
        .origin = parse_origin(text_at(object, "origin")),
        .config = {.env = {}, .working_dir = text_at(object, "working_dir"), .user = text_at(object, "user")},
        .layers = {}};
    for (const json::value& variable : object.at("env").as_array()) {
        record.config.env.push_back(
            {text_at(variable.as_object(), "name"), text_at(variable.as_object(), "value")});
    }
    for (const json::value& value : object.at("layers").as_array()) {
        const json::object& layer = value.as_object();
        record.layers.push_back(
            {text_at(layer, "folder"), text_at(layer, "blob"), layer.at("size").as_int64()});
    }
    return record;
}

NameRecords parse_name_records(std::string_view text) {
    const json::value root = json::parse(view(text));
    NameRecords names;
    for (const auto& [name, value] : root.as_object()) {
        const json::object& record = value.as_object();
        names.emplace(
            std::string(name.data(), name.size()),
            NameRecord{text_at(record, "digest"), parse_stored_time(text_at(record, "created_at"))});
    }
    return names;
}

}  // namespace flotilla

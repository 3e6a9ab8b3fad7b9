#include "config/load.hpp"

#include <algorithm>
#include <system_error>

#include <fmt/format.h>

#include "base/file.hpp"
#include "config/declaration.hpp"
#include "config/nearest.hpp"
#include "config/settle.hpp"
#include "config/yaml.hpp"

namespace flotilla {

namespace {

using settings::Chapter;
using settings::Key;
using settings::Report;
using settings::Source;
using settings::Value;
using settings::ValueMap;
using settings::YamlMistake;

/// Calls `visit` with every declared key.
template <typename Visit>
void each_key(Visit visit) {
    for (const Chapter& chapter : settings::chapters()) {
        std::ranges::for_each(chapter.keys, visit);
    }
}

/// True if keys lie below `path`: `http` or `http.server`, in any spelling.
bool is_section(const std::string& path) {
    const std::string beginning = settings::one_word(path) + "_";
    bool found = false;
    each_key([&](const Key& key) { found = found || settings::one_word(key.name).starts_with(beginning); });
    return found;
}

/// The key that takes a map and has an entry of this path, as `log.driver.options.awslogs-group` is one of
/// `log.driver.options`; null if there is none.
const Key* map_with_entry(const std::string& path) {
    const std::string word = settings::one_word(path);
    const Key* found = nullptr;
    each_key([&](const Key& key) {
        if (key.is_map && word.starts_with(settings::one_word(key.name) + "_")) {
            found = &key;
        }
    });
    return found;
}

/// The names of all keys and of the sections that they lie in.
std::vector<std::string> known_names() {
    std::vector<std::string> names;
    each_key([&](const Key& key) {
        names.push_back(key.name);
        for (auto dot = key.name.find('.'); dot != std::string::npos; dot = key.name.find('.', dot + 1)) {
            names.push_back(key.name.substr(0, dot));
        }
    });
    return names;
}

class Loader {
public:
    Loader(const LoadOptions& options, LoadedConfig& result) : options_(options), result_(result) {}

    void read_file(const std::filesystem::path& path) {
        std::optional<std::string> text;
        try {
            text = flotilla::read_file(path);
        } catch (const std::system_error& error) {
            result_.errors.push_back(
                fmt::format("{}: cannot be read: {}", path.string(), error.code().message()));
            return;
        }
        if (!text) {
            if (options_.file_required) {
                result_.errors.push_back(
                    fmt::format("{}: there is no such configuration file", path.string()));
            }
            return;
        }
        read_text(path.string(), *text);
    }

    /// `name` is what messages call the text.
    void read_text(const std::string& name, const std::string& text) {
        Report report{Source::file(name), result_.errors};
        const auto document = settings::parse_yaml(text);
        if (const auto* mistake = std::get_if<YamlMistake>(&document)) {
            result_.errors.push_back(
                fmt::format("{}:{}:{}: {}", name, mistake->line, mistake->column, mistake->message));
            return;
        }
        const auto& top = std::get<Value>(document);
        if (top.map() != nullptr) {
            find_in_section(*top.map(), "", report);
        } else if (!top.is_nothing()) {
            result_.errors.push_back(fmt::format("{}: has to be a map of keys to values", name));
        }
        for (const Found& found : found_) {
            take(*found.key, found.value, report);
        }
    }

    void read_environment(const Environment& environment) {
        each_key([&](const Key& key) {
            const std::string name = settings::variable_name(key.name);
            const auto variable = environment.find(name);
            if (variable != environment.end() && !variable->second.empty()) {
                Report report{Source::variable(name), result_.errors};
                take_variable(key, variable->second, report);
            }
            if (key.set_entry) {
                read_entries(key, name + "_", environment);
            }
        });
    }

    [[nodiscard]] const settings::SaidKeys& said() const { return said_; }

private:
    /// What stands in the file for a key.
    struct Found {
        const Key* key;
        Value value;
    };

    void find_in_section(const ValueMap& map, const std::string& section, Report& report) {
        for (const auto& [name, value] : map) {
            const std::string path = section.empty() ? name : fmt::format("{}.{}", section, name);
            if (const Key* key = settings::find_key(path)) {
                find_value(*key, value, report);
            } else if (const Key* of_map = map_with_entry(path)) {
                find_entry(*of_map, path.substr(of_map->name.size() + 1), value, report);
            } else if (!is_section(path)) {
                find_unknown(path, value, report);
            } else if (value.map() != nullptr) {
                find_in_section(*value.map(), path, report);
            } else if (!value.is_nothing()) {
                report.wrong(path, value, "a map of keys to values");
            }
        }
    }

    Found* find(const Key& key) {
        const auto found = std::ranges::find(found_, &key, &Found::key);
        return found == found_.end() ? nullptr : &*found;
    }

    void find_value(const Key& key, const Value& value, Report& report) {
        if (const Found* earlier = find(key)) {
            said_.mistaken.insert(key.name);
            report.say(key.name, value,
                       fmt::format("is given twice, first at {}", report.source().at(earlier->value)));
            return;
        }
        found_.push_back({&key, value});
    }

    void find_entry(const Key& key, const std::string& entry, const Value& value, Report& report) {
        Found* found = find(key);
        if (found == nullptr) {
            found_.push_back({&key, Value{ValueMap{}, value.line}});
            found = &found_.back();
        }
        if (auto* entries = std::get_if<ValueMap>(&found->value.content)) {
            entries->push_back({entry, value});
        } else {
            find_value(key, value, report);
        }
    }

    void find_unknown(const std::string& path, const Value& value, Report& report) {
        static const std::vector<std::string> names = known_names();
        const std::string message = "no such key" + settings::nearest_hint(path, names);
        if (options_.ignore_unknown) {
            Report{report.source(), result_.warnings}.say(path, value, message);
        } else {
            report.say(path, value, message);
        }
    }

    void take_variable(const Key& key, const std::string& text, Report& report) {
        if (!key.is_map) {
            take(key, Value{text}, report);
            return;
        }
        const auto document = settings::parse_yaml(text);
        if (const auto* mistake = std::get_if<YamlMistake>(&document)) {
            said_.mistaken.insert(key.name);
            report.say(key.name, {}, "is not one JSON or YAML value: " + mistake->message);
            return;
        }
        take(key, std::get<Value>(document), report);
    }

    void read_entries(const Key& key, const std::string& beginning, const Environment& environment) {
        for (auto variable = environment.lower_bound(beginning);
             variable != environment.end() && variable->first.starts_with(beginning); ++variable) {
            if (!variable->second.empty()) {
                key.set_entry(variable->first.substr(beginning.size()), variable->second, result_.config);
                said_.where.try_emplace(key.name, Source::variable(variable->first).at({}));
            }
        }
    }

    void take(const Key& key, const Value& value, Report& report) {
        if (value.is_nothing()) {
            return;
        }
        const std::size_t mistakes_before = report.count();
        key.read(value, result_.config, report);
        if (report.count() > mistakes_before) {
            said_.mistaken.insert(key.name);
        }
        said_.where[key.name] = report.source().at(value);
    }

    const LoadOptions& options_;
    LoadedConfig& result_;
    settings::SaidKeys said_;
    std::vector<Found> found_;
};

/// The environment overrides what `read` made the loader read; then all is checked together.
template <typename Read>
LoadedConfig load(const Environment& environment, const LoadOptions& options, Read read) {
    LoadedConfig result;
    Loader loader{options, result};
    read(loader);
    loader.read_environment(environment);
    settings::settle(result, loader.said(), options.host ? *options.host : look_at_host(environment),
                     options.ignore_unknown);
    for (auto* messages : {&result.errors, &result.not_built, &result.warnings}) {
        std::ranges::transform(*messages, messages->begin(),
                               settings::on_one_line);  // they quote what was read
    }
    return result;
}

}  // namespace

LoadedConfig load_config(const std::filesystem::path& folder_or_file, const Environment& environment,
                         const LoadOptions& options) {
    std::error_code ignored;
    const bool is_file = std::filesystem::exists(folder_or_file, ignored) &&
                         !std::filesystem::is_directory(folder_or_file, ignored);
    const bool is_named_as_file =
        folder_or_file.extension() == ".yml" || folder_or_file.extension() == ".yaml";
    const auto file = is_file || is_named_as_file ? folder_or_file : folder_or_file / "config.yml";
    return load(environment, options, [&](Loader& loader) { loader.read_file(file); });
}

LoadedConfig load_config_text(const std::string& name, const std::string& text,
                              const Environment& environment, const LoadOptions& options) {
    return load(environment, options, [&](Loader& loader) { loader.read_text(name, text); });
}

}  // namespace flotilla

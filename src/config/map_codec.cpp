// The codecs of keys that take a map: plain pairs, clusters, secrets.
#include <algorithm>
#include <functional>
#include <set>

#include <fmt/ranges.h>

#include "base/variable_name.hpp"
#include "config/checks.hpp"
#include "config/codec.hpp"

namespace flotilla::settings {

namespace {

/// Calls `read` with each entry of `map`; an entry that stands twice is a mistake.
void each_entry(const ValueMap& map, const std::string& name, Report& report,
                const std::function<void(const std::string& key, const Value&)>& read) {
    std::set<std::string> seen;
    for (const auto& [key, value] : map) {
        if (!seen.insert(key).second) {
            report.say(fmt::format("{}.{}", name, key), value, "is given twice");
            continue;
        }
        read(key, value);
    }
}

/// Reads a number that is at least `least`.
template <typename Target>
void read_count(const Value& value, Target& target, std::int64_t least, const std::string& what,
                const std::string& name, Report& report) {
    std::int64_t number = 0;
    if (!Codec<std::int64_t>::read(value, number, name, report) || number < least || number > 1LL << 40) {
        report.wrong(name, value, fmt::format("{}, {} or more", what, least));
        return;
    }
    target = number;
}

void read_absolute_path(const Value& value, std::filesystem::path& target, const std::string& name,
                        Report& report) {
    std::filesystem::path path;
    if (!Codec<std::filesystem::path>::read(value, path, name, report) || !path.is_absolute()) {
        report.wrong(name, value, "an absolute path");
        return;
    }
    target = path;
}

MountConfig read_mount(const ValueMap& map, const Value& whole, const std::string& name, Report& report) {
    MountConfig mount;
    const std::size_t mistakes_before = report.count();
    each_entry(map, name, report, [&](const std::string& key, const Value& value) {
        const std::string entry_name = fmt::format("{}.{}", name, key);
        if (key == "host") {
            read_absolute_path(value, mount.host, entry_name, report);
        } else if (key == "path") {
            read_absolute_path(value, mount.path, entry_name, report);
        } else if (key == "read_only") {
            read_or_report(value, mount.read_only, entry_name, report);
        } else {
            report.say(entry_name, value, "no such setting; a mount has host, path and read_only");
        }
    });
    if (report.count() == mistakes_before && (mount.host.empty() || mount.path.empty())) {
        report.wrong(name, whole, "a mount: it needs host and path");
    }
    return mount;
}

void read_mounts(const Value& value, std::vector<MountConfig>& target, const std::string& name,
                 Report& report) {
    const ValueList* list = value.list();
    if (list == nullptr) {
        report.wrong(name, value, "a list of {host: PATH, path: PATH, read_only: true}");
        return;
    }
    for (std::size_t index = 0; index < list->size(); ++index) {
        const Value& item = (*list)[index];
        const std::string item_name = fmt::format("{}[{}]", name, index);
        if (item.map() == nullptr) {
            report.wrong(item_name, item, "a map such as {host: PATH, path: PATH, read_only: true}");
            continue;
        }
        target.push_back(read_mount(*item.map(), item, item_name, report));
    }
}

void read_cluster_engine(const Value& value, std::string& target, const std::string& name, Report& report) {
    const std::vector<std::string> engines = known_engines_and_auto();
    if (value.text() == nullptr || std::ranges::find(engines, *value.text()) == engines.end()) {
        report.wrong(name, value, fmt::format("one of {}", fmt::join(engines, ", ")));
        return;
    }
    target = *value.text();
}

/// Reads a setting that every engine has; false if it is none of them.
bool read_common_setting(const std::string& key, const Value& value, ClusterConfig& cluster,
                         const std::string& name, Report& report) {
    if (key == "engine") {
        read_cluster_engine(value, cluster.engine, name, report);
    } else if (key == "memory") {
        read_count(value, cluster.memory, 0, "a number of MiB", name, report);
    } else if (key == "cpu") {
        read_count(value, cluster.cpu, 1, "a number of 1/1000 cores", name, report);
    } else if (key == "gpu") {
        read_count(value, cluster.gpu, 0, "a number of GPUs", name, report);
    } else if (key == "max_running") {
        read_count(value, cluster.max_running, 1, "a number of runs", name, report);
    } else if (key == "network") {
        read_or_report(value, cluster.network, name, report);
    } else if (key == "mounts") {
        read_mounts(value, cluster.mounts, name, report);
    } else {
        return false;
    }
    return true;
}

void read_engine_setting(const std::string& key, const Value& value, ClusterConfig& cluster,
                         const std::string& name, Report& report) {
    std::vector<std::string> items;
    if (!Codec<std::vector<std::string>>::read(value, items, name, report)) {
        report.wrong(name, value, "a text or a list");
        return;
    }
    const bool is_text = value.text() != nullptr;
    cluster.settings.emplace_back(key, is_text ? *value.text() : fmt::format("{}", fmt::join(items, " ")));
}

bool is_cluster_name(const std::string& name) {
    constexpr std::size_t longest = 255;
    return !name.empty() && name.size() <= longest &&
           std::isalnum(static_cast<unsigned char>(name[0])) != 0 &&
           std::ranges::all_of(name, [](unsigned char letter) {
               return std::isalnum(letter) != 0 || letter == '.' || letter == '-' || letter == '_';
           });
}

ClusterConfig read_cluster(const std::string& cluster_name, const Value& whole, const std::string& name,
                           Report& report) {
    ClusterConfig cluster{.name = cluster_name};
    if (!is_cluster_name(cluster_name)) {
        report.say(name, whole,
                   "a cluster's name has letters, digits, '.', '-' and '_', a letter or digit first");
    }
    if (whole.is_nothing()) {
        return cluster;
    }
    if (whole.map() == nullptr) {
        report.wrong(name, whole, "a map of settings such as {memory: 4096}");
        return cluster;
    }
    each_entry(*whole.map(), name, report, [&](const std::string& key, const Value& value) {
        const std::string setting_name = fmt::format("{}.{}", name, key);
        if (value.is_nothing() || read_common_setting(key, value, cluster, setting_name, report)) {
            return;
        }
        read_engine_setting(key, value, cluster, setting_name, report);
    });
    return cluster;
}

/// What is wrong with a secret, without its location: that may be the secret itself; nothing if all is right.
std::string secret_mistake(const std::string& name, const Value& entry) {
    constexpr std::array kinds{"env", "file", "arn"};
    const ValueMap* map = entry.map();
    const bool has_one_location =
        map != nullptr && map->size() == 1 && map->front().value.text() != nullptr &&
        !map->front().value.text()->empty() && std::ranges::find(kinds, map->front().key) != kinds.end();
    if (!has_one_location) {
        return "is not one of {env: NAME}, {file: PATH}, {arn: ARN}";
    }
    if (!is_variable_name(name)) {
        return "the name of a secret is that of a variable: letters, digits and '_', no digit first";
    }
    if (is_reserved_variable(name)) {
        return "the server sets this variable itself; give the secret another name";
    }
    const std::string& location = *map->front().value.text();
    if (map->front().key == "env" && !is_variable_name(location)) {
        return "env is not the name of an environment variable";
    }
    if (map->front().key == "file" && !location.starts_with('/') && !location.starts_with("~/")) {
        return "file is not a path that begins with / or ~/";
    }
    return "";
}

}  // namespace

bool Codec<TextPairs>::read(const Value& value, TextPairs& target, const std::string& name, Report& report) {
    if (value.map() == nullptr) {
        return false;
    }
    target.clear();
    each_entry(*value.map(), name, report, [&](const std::string& key, const Value& entry) {
        std::string text;
        read_or_report(entry, text, fmt::format("{}.{}", name, key), report);
        target.emplace_back(key, text);
    });
    return true;
}

std::string Codec<TextPairs>::yaml(const TextPairs& value) {
    std::vector<std::string> entries;
    for (const auto& [key, text] : value) {
        entries.push_back(fmt::format("{}: {}", yaml_text(key), yaml_text(text)));
    }
    return fmt::format("{{{}}}", fmt::join(entries, ", "));
}

bool Codec<std::vector<ClusterConfig>>::read(const Value& value, std::vector<ClusterConfig>& target,
                                             const std::string& name, Report& report) {
    if (value.map() == nullptr) {
        return false;
    }
    target.clear();
    each_entry(*value.map(), name, report, [&](const std::string& key, const Value& entry) {
        target.push_back(read_cluster(key, entry, fmt::format("{}.{}", name, key), report));
    });
    return true;
}

bool Codec<SecretConfigs>::read(const Value& value, SecretConfigs& target, const std::string& name,
                                Report& report) {
    if (value.map() == nullptr) {
        return false;
    }
    target.clear();
    each_entry(*value.map(), name, report, [&](const std::string& key, const Value& entry) {
        if (const std::string mistake = secret_mistake(key, entry); !mistake.empty()) {
            report.say(fmt::format("{}.{}", name, key), entry, mistake);
            return;
        }
        const auto& [kind, location] = entry.map()->front();
        target.emplace_back(key, SecretConfig{kind, *location.text()});
    });
    return true;
}

}  // namespace flotilla::settings

#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "config/config.hpp"
#include "config/value.hpp"

/// How a value of each type of `Config` is read and written. Every codec has
///   expected  what a value of the type is, as in "... is not EXPECTED"
///   is_map    whether the key takes a map
///   read      false if the value is not of the type; mistakes within a map are reported at once, below
///   `name` yaml      the value as YAML writes it (not where the declaration shows the default in words of
///   its own)
namespace flotilla::settings {

template <typename T>
struct Codec;

template <>
struct Codec<std::string> {
    static constexpr std::string_view expected = "a text";
    static constexpr bool is_map = false;
    static bool read(const Value& value, std::string& target, const std::string& name, Report& report);
    static std::string yaml(const std::string& value);
};

template <>
struct Codec<std::filesystem::path> {
    static constexpr std::string_view expected = "a path";
    static constexpr bool is_map = false;
    static bool read(const Value& value, std::filesystem::path& target, const std::string& name,
                     Report& report);
    static std::string yaml(const std::filesystem::path& value);
};

template <>
struct Codec<bool> {
    static constexpr std::string_view expected = "true or false";
    static constexpr bool is_map = false;
    static bool read(const Value& value, bool& target, const std::string& name, Report& report);
    static std::string yaml(const bool& value);
};

template <>
struct Codec<std::int64_t> {
    static constexpr std::string_view expected = "a whole number";
    static constexpr bool is_map = false;
    static bool read(const Value& value, std::int64_t& target, const std::string& name, Report& report);
    static std::string yaml(const std::int64_t& value);
};

/// A plain number: the keys of this type say `_seconds` or have always been seconds.
template <>
struct Codec<std::chrono::seconds> {
    static constexpr std::string_view expected = "a whole number of seconds";
    static constexpr bool is_map = false;
    static bool read(const Value& value, std::chrono::seconds& target, const std::string& name,
                     Report& report);
    static std::string yaml(const std::chrono::seconds& value);
};

/// A duration as Go writes them.
template <>
struct Codec<std::chrono::milliseconds> {
    static constexpr std::string_view expected = "a duration such as 300ms, 30s or 1m30s";
    static constexpr bool is_map = false;
    static bool read(const Value& value, std::chrono::milliseconds& target, const std::string& name,
                     Report& report);
    static std::string yaml(const std::chrono::milliseconds& value);
};

template <>
struct Codec<ByteSize> {
    static constexpr std::string_view expected = "a size such as 512MiB or 20GiB";
    static constexpr bool is_map = false;
    static bool read(const Value& value, ByteSize& target, const std::string& name, Report& report);
    static std::string yaml(const ByteSize& value);
};

template <>
struct Codec<ListenAddress> {
    static constexpr std::string_view expected = "an address such as 127.0.0.1:3000, [::1]:3000 or :3000";
    static constexpr bool is_map = false;
    static bool read(const Value& value, ListenAddress& target, const std::string& name, Report& report);
    static std::string yaml(const ListenAddress& value);
};

/// A list, or the same in one text separated by spaces or commas.
template <>
struct Codec<std::vector<std::string>> {
    static constexpr std::string_view expected = "a list";
    static constexpr bool is_map = false;
    static bool read(const Value& value, std::vector<std::string>& target, const std::string& name,
                     Report& report);
    static std::string yaml(const std::vector<std::string>& value);
};

template <>
struct Codec<TextPairs> {
    static constexpr std::string_view expected = "a map of names to texts";
    static constexpr bool is_map = true;
    static bool read(const Value& value, TextPairs& target, const std::string& name, Report& report);
    static std::string yaml(const TextPairs& value);
};

template <>
struct Codec<std::vector<ClusterConfig>> {
    static constexpr std::string_view expected = "a map of cluster names to settings";
    static constexpr bool is_map = true;
    static bool read(const Value& value, std::vector<ClusterConfig>& target, const std::string& name,
                     Report& report);
};

template <>
struct Codec<SecretConfigs> {
    static constexpr std::string_view expected = "a map of names to {env: NAME}, {file: PATH} or {arn: ARN}";
    static constexpr bool is_map = true;
    static bool read(const Value& value, SecretConfigs& target, const std::string& name, Report& report);
};

/// The words of an enum, in the order in which people are told of them.
template <typename Enum>
struct Words;

template <>
struct Words<AuthMode> {
    static constexpr std::string_view expected = "none or token";
    static constexpr std::array list{std::pair{std::string_view{"none"}, AuthMode::none},
                                     std::pair{std::string_view{"token"}, AuthMode::token}};
};

template <>
struct Words<QueueManager> {
    static constexpr std::string_view expected = "store or sqs";
    static constexpr std::array list{std::pair{std::string_view{"store"}, QueueManager::store},
                                     std::pair{std::string_view{"sqs"}, QueueManager::sqs}};
};

template <>
struct Words<ClusterNetwork> {
    static constexpr std::string_view expected = "private, host or none";
    static constexpr std::array list{std::pair{std::string_view{"private"}, ClusterNetwork::private_network},
                                     std::pair{std::string_view{"host"}, ClusterNetwork::host_network},
                                     std::pair{std::string_view{"none"}, ClusterNetwork::no_network}};
};

template <>
struct Words<LogFormat> {
    static constexpr std::string_view expected = "plain or json";
    static constexpr std::array list{std::pair{std::string_view{"plain"}, LogFormat::plain},
                                     std::pair{std::string_view{"json"}, LogFormat::json}};
};

template <>
struct Words<LogLevel> {
    static constexpr std::string_view expected = "debug, info, warning or error";
    static constexpr std::array list{std::pair{std::string_view{"debug"}, LogLevel::debug},
                                     std::pair{std::string_view{"info"}, LogLevel::info},
                                     std::pair{std::string_view{"warning"}, LogLevel::warning},
                                     std::pair{std::string_view{"error"}, LogLevel::error}};
};

template <typename Enum>
requires std::is_enum_v<Enum>
struct Codec<Enum> {
    static constexpr std::string_view expected = Words<Enum>::expected;
    static constexpr bool is_map = false;

    static bool read(const Value& value, Enum& target, const std::string& /*name*/, Report& /*report*/) {
        for (const auto& [word, meaning] : Words<Enum>::list) {
            if (value.text() != nullptr && *value.text() == word) {
                target = meaning;
                return true;
            }
        }
        return false;
    }

    static std::string yaml(const Enum& value) {
        for (const auto& [word, meaning] : Words<Enum>::list) {
            if (meaning == value) {
                return std::string(word);
            }
        }
        return "";
    }
};

/// Reads `value` into `target` and reports if it is not what the type takes.
template <typename T>
void read_or_report(const Value& value, T& target, const std::string& name, Report& report) {
    if (!Codec<T>::read(value, target, name, report)) {
        report.wrong(name, value, std::string(Codec<T>::expected));
    }
}

}  // namespace flotilla::settings

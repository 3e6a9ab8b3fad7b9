#include "config/checks.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <regex>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/variable_name.hpp"

namespace flotilla::settings {

namespace {

/// What follows `http://` or `https://`; empty if the text begins with neither or has blanks.
std::string after_scheme(const std::string& url) {
    if (url.find_first_of(" \t") != std::string::npos) {
        return "";
    }
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (url.starts_with(scheme)) {
            return url.substr(scheme.size());
        }
    }
    return "";
}

bool is_url(const std::string& url) {
    const std::string rest = after_scheme(url);
    return !rest.empty() && rest.front() != '/' && rest.find_first_of("?#") == std::string::npos;
}

bool is_subnet(const std::string& text) {
    const auto slash = text.find('/');
    if (slash == std::string::npos) {
        return false;
    }
    in_addr address{};
    int bits = 0;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data() + slash + 1, end, bits);
    return ::inet_pton(AF_INET, text.substr(0, slash).c_str(), &address) == 1 && error == std::errc{} &&
           rest == end && bits >= 8 && bits <= 29;
}

/// As a connection string of libpq does: `host = ...`.
bool begins_with_keyword(std::string_view text) {
    const auto skip = [&](std::string_view letters) {
        text.remove_prefix(std::min(text.find_first_not_of(letters), text.size()));
    };
    constexpr std::string_view blanks = " \t\n\v\f\r";
    skip(blanks);
    const auto rest = text.size();
    skip("abcdefghijklmnopqrstuvwxyz_");
    const bool has_name = text.size() < rest;
    skip(blanks);
    return has_name && text.starts_with('=');
}

Check<std::string> matching(const std::string& expected, const char* pattern) {
    return {expected, [pattern = std::regex(pattern)](const std::string& value) {
                return std::regex_match(value, pattern);
            }};
}

}  // namespace

bool is_built_engine(const std::string& engine) {
    return std::ranges::find(built_engines, engine) != built_engines.end();
}

std::vector<std::string> known_engines() {
    std::vector<std::string> engines(built_engines.begin(), built_engines.end());
    engines.emplace_back("kubernetes");
    return engines;
}

std::vector<std::string> known_engines_and_auto() {
    std::vector<std::string> engines = known_engines();
    engines.emplace_back("auto");
    return engines;
}

bool is_reserved_variable(const std::string& name) {
    constexpr std::array reserved{"FLOTILLA_SERVER_MODE", "FLOTILLA_RUN_ID", "FLOTILLA_URL",
                                  "FLOTILLA_RUN_TOKEN"};
    return std::ranges::find(reserved, name) != reserved.end();
}

Check<std::int64_t> between(std::int64_t least, std::int64_t most) {
    return {fmt::format("a whole number from {} to {}", least, most),
            [=](const std::int64_t& value) { return value >= least && value <= most; }};
}

Check<std::chrono::seconds> seconds_between(std::int64_t least, std::int64_t most) {
    return {
        fmt::format("a whole number of seconds from {} to {}", least, most),
        [=](const std::chrono::seconds& value) { return value.count() >= least && value.count() <= most; }};
}

Check<std::chrono::milliseconds> at_least(std::chrono::milliseconds least) {
    constexpr std::chrono::milliseconds most = std::chrono::hours{24 * 365};
    const std::string type{Codec<std::chrono::milliseconds>::expected};
    return {fmt::format("{}, from {} to 8760h", type, Codec<std::chrono::milliseconds>::yaml(least)),
            [=](const std::chrono::milliseconds& value) { return value >= least && value <= most; }};
}

Check<ByteSize> at_least_bytes(std::int64_t least) {
    return {fmt::format("{}, {} or more", Codec<ByteSize>::expected, Codec<ByteSize>::yaml({least})),
            [=](const ByteSize& value) { return value.bytes >= least; }};
}

Check<std::string> not_empty(const std::string& expected) {
    return {expected, [](const std::string& value) { return !value.empty(); }};
}

Check<std::string> queue_name() {
    return matching("the name of a queue: 1 to 80 letters, digits, - and _", "[A-Za-z0-9_-]{1,80}");
}

Check<std::string> queue_namespace() {
    return matching("a name such as dev-flotilla: 1 to 73 letters, digits, - and _", "[A-Za-z0-9_-]{1,73}");
}

Check<std::string> rule_name() {
    return matching("the name of a rule: 1 to 64 letters, digits, . - and _", "[A-Za-z0-9._-]{1,64}");
}

Check<std::string> log_group() {
    return matching("the name of a log group: 1 to 512 letters, digits, . - _ / and #",
                    "[A-Za-z0-9._/#-]{1,512}");
}

Check<std::string> stream_prefix() {
    return matching("what names of log streams may begin with: 1 to 223 characters without : and *",
                    "[^:*]{1,223}");
}

Check<std::string> aws_region() {
    return matching("a region such as us-east-1", "[a-z]{2,}(-[a-z]+)+-[0-9]{1,2}");
}

Check<std::string> one_of(const std::vector<std::string>& words) {
    return {fmt::format("one of {}", fmt::join(words, ", ")),
            [=](const std::string& value) { return std::ranges::find(words, value) != words.end(); }};
}

Check<std::string> owner_variable() {
    return {"a variable's name (letters, digits, '_') that the server does not set itself",
            [](const std::string& value) { return is_variable_name(value) && !is_reserved_variable(value); }};
}

Check<std::string> database_url() {
    return {"sqlite:PATH, postgresql://USER:PASSWORD@HOST/DATABASE or host=HOST dbname=DATABASE",
            [](const std::string& value) {
                constexpr std::string_view sqlite = "sqlite:";
                return (value.starts_with(sqlite) && value.size() > sqlite.size()) ||
                       value.starts_with("postgresql://") || value.starts_with("postgres://") ||
                       begins_with_keyword(value);
            }};
}

Check<std::string> empty_or_url() {
    return {"a URL such as https://flotilla.example.org",
            [](const std::string& value) { return value.empty() || is_url(value); }};
}

Check<std::string> url_path() {
    return {"a path such as /flotilla, of letters, digits, - . _ and ~", [](const std::string& value) {
                static const std::regex path("/|(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+/?");
                return std::regex_match(value, path);
            }};
}

Check<std::string> subnet() {
    return {"an IPv4 subnet such as 10.87.0.0/16, /8 to /29", is_subnet};
}

Check<std::vector<std::string>> each_one_of(const std::vector<std::string>& words) {
    return {fmt::format("a list of words among {}", fmt::join(words, ", ")),
            [=](const std::vector<std::string>& values) {
                return std::ranges::all_of(values, [&](const std::string& value) {
                    return std::ranges::find(words, value) != words.end();
                });
            }};
}

Check<std::vector<std::string>> each_origin() {
    return {
        "a list of origins such as http://localhost:3000, or *", [](const std::vector<std::string>& values) {
            return std::ranges::all_of(values, [](const std::string& value) {
                return value == "*" || (is_url(value) && after_scheme(value).find('/') == std::string::npos);
            });
        }};
}

Check<std::vector<std::string>> each_host() {
    return {"a list of host names without port such as flotilla.example.org, or *",
            [](const std::vector<std::string>& values) {
                return std::ranges::all_of(values, [](const std::string& value) {
                    return !value.empty() && value.find_first_of(":/?#@[] \t") == std::string::npos;
                });
            }};
}

Check<std::vector<std::string>> each_registry() {
    return {"a list of registries such as localhost:5000", [](const std::vector<std::string>& values) {
                return std::ranges::all_of(values, [](const std::string& value) {
                    return !value.empty() && value.find_first_of("/ \t") == std::string::npos;
                });
            }};
}

Check<TextPairs> each_to_url() {
    return {"a map of registries to URLs such as {docker.io: http://127.0.0.1:5000}",
            [](const TextPairs& pairs) {
                return std::ranges::all_of(pairs, [](const auto& pair) { return is_url(pair.second); });
            }};
}

}  // namespace flotilla::settings

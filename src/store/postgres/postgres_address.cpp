#include "store/postgres/postgres_address.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <regex>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <libpq-fe.h>

#include "base/error.hpp"
#include "base/trimmed.hpp"

namespace flotilla {

namespace {

constexpr std::string_view blanks = " \t\n\v\f\r";

/// What Go's pq has for itself (https://pkg.go.dev/github.com/lib/pq): it says how values travel there.
constexpr std::array go_only{"binary_parameters", "disable_prepared_binary_result"};

using Options = std::unique_ptr<PQconninfoOption, decltype(&::PQconninfoFree)>;

const std::set<std::string>& keywords() {
    static const std::set<std::string> known = [] {
        std::set<std::string> names;
        const Options options(::PQconndefaults(), &::PQconninfoFree);
        for (auto* option = options.get(); option != nullptr && option->keyword != nullptr; ++option) {
            names.insert(option->keyword);
        }
        return names;
    }();
    return known;
}

bool is_uri(std::string_view url) {
    return url.starts_with("postgresql://") || url.starts_with("postgres://");
}

[[nodiscard]] Error unreadable() {
    // Nothing of the text is quoted: any part of it may be of a password with a character to be escaped.
    return invalid(
        "database_url cannot be read as a PostgreSQL connection string such as "
        "postgresql://USER:PASSWORD@HOST:5432/DATABASE, where %, @, / and : in a password are written as "
        "%25, %40, %2F and %3A, or host=HOST dbname=DATABASE user=USER password='PASSWORD', where \\ and ' "
        "in a "
        "value are written as \\\\ and \\'");
}

/// As libpq reads it. Throws `invalid` where it cannot.
Options parse(const std::string& text) {
    char* mistake = nullptr;
    Options options(::PQconninfoParse(text.c_str(), &mistake), &::PQconninfoFree);
    const std::unique_ptr<char, decltype(&::PQfreemem)> ignored(mistake, &::PQfreemem);
    if (!options) {
        throw unreadable();
    }
    return options;
}

std::string value_of(const Options& options, std::string_view keyword) {
    for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
        if (option->keyword == keyword) {
            return option->val == nullptr ? "" : option->val;
        }
    }
    return {};
}

/// A connection string without what libpq does not know, and that: settings of the session.
struct Parted {
    std::string known;
    std::vector<std::pair<std::string, std::string>> settings;
};

/// Whether it is for the session. Throws `invalid` if it can be neither that nor a keyword.
bool is_setting(const std::string& name) {
    static const std::regex setting("[A-Za-z_][A-Za-z0-9_.$]*");
    if (keywords().contains(name) || name == "ssl") {
        return false;
    }
    if (!std::regex_match(name, setting)) {
        throw unreadable();
    }
    return true;
}

void add_setting(Parted& parted, const std::string& name, const Options& as_options) {
    if (std::ranges::find(go_only, name) == go_only.end()) {
        parted.settings.emplace_back(name, value_of(as_options, "options"));
    }
}

/// Where the value at `at` ends, before which may be blanks: it may be in quotes, and a backslash keeps what
/// follows it from ending it.
std::size_t end_of_value(std::string_view text, std::size_t at) {
    at = std::min(text.find_first_not_of(blanks, at), text.size());
    const bool is_quoted = at < text.size() && text[at] == '\'';
    const std::string_view ends = is_quoted ? "'" : blanks;
    at += is_quoted ? 1 : 0;
    while (at < text.size() && ends.find(text[at]) == std::string_view::npos) {
        at += text[at] == '\\' ? 2 : 1;
    }
    return std::min(at + (is_quoted ? 1 : 0), text.size());
}

/// https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING, "Keyword/Value".
Parted part_of_keywords(std::string_view text) {
    Parted parted;
    while (!trimmed(text, blanks).empty()) {
        const auto equals = text.find('=');
        if (equals == std::string_view::npos) {
            throw unreadable();
        }
        const auto end = end_of_value(text, equals + 1);
        const std::string name(trimmed(text.substr(0, equals), blanks));
        const std::string value(text.substr(equals + 1, end - equals - 1));
        if (is_setting(name)) {
            add_setting(parted, name, parse("options=" + value));
        } else {
            parted.known += fmt::format("{}{}={}", parted.known.empty() ? "" : " ", name, value);
        }
        text.remove_prefix(end);
    }
    return parted;
}

/// The same, "Connection URIs". A value may have `=` and blanks as they are, which Go's pq takes.
Parted part_of_uri(std::string_view text) {
    const auto authority = text.find("://") + 3;
    const auto first_of = text.find_first_of("@/", authority);
    const bool has_user = first_of != std::string_view::npos && text[first_of] == '@';
    const auto host = has_user ? first_of + 1 : authority;
    const auto query = std::min(text.find('?', host), text.size());
    if (text.substr(host, query - host).find('@') != std::string_view::npos) {
        throw unreadable();  // that of a password; what follows would be taken for a host
    }
    Parted parted{std::string(text.substr(0, query)), {}};
    char separator = '?';
    for (text.remove_prefix(std::min(query + 1, text.size())); !text.empty();) {
        const auto end = std::min(text.find('&'), text.size());
        const auto equals = text.find('=');
        if (equals > end) {
            throw unreadable();
        }
        const std::string name(text.substr(0, equals));
        std::string value;
        for (const char c : text.substr(equals + 1, end - equals - 1)) {
            value += c == '=' ? "%3D" : c == ' ' ? "%20" : std::string(1, c);
        }
        if (is_setting(name)) {
            add_setting(parted, name, parse("postgresql://?options=" + value));
        } else {
            parted.known += fmt::format("{}{}={}", std::exchange(separator, '&'), name, value);
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parted;
}

/// `-c name=value` as the keyword `options` has it: blanks and backslashes escaped.
std::string option_text(const std::string& name, const std::string& value) {
    std::string text = fmt::format("-c {}=", name);
    for (const char c : value) {
        if (c == ' ' || c == '\\') {
            text += '\\';
        }
        text += c;
    }
    return text;
}

}  // namespace

std::string PostgresAddress::text() const {
    const auto part = [&](const std::string& name, const std::string& otherwise) {
        const auto found = parameters.find(name);
        return found == parameters.end() ? otherwise : found->second;
    };
    return fmt::format("{} on {}", part("dbname", "the default database"), part("host", "this host"));
}

PostgresAddress parse_postgres_address(const std::string& url) {
    const Parted parted = is_uri(url) ? part_of_uri(url) : part_of_keywords(url);
    const Options options = parse(parted.known);
    if (value_of(options, "port").find_first_not_of("0123456789,") != std::string::npos) {
        throw unreadable();
    }
    // Someone who pulls a plug is noticed in seconds; a transaction that a stopped server left open ends.
    PostgresAddress address{{{"application_name", "flotilla"},
                             {"connect_timeout", std::to_string(longest_connecting.count())},
                             {"keepalives_idle", "5"},
                             {"keepalives_interval", "2"},
                             {"keepalives_count", "3"},
                             {"tcp_user_timeout", "5000"}}};
    for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
        if (option->val != nullptr) {
            address.parameters[option->keyword] = option->val;
        }
    }
    address.parameters["client_encoding"] = "UTF8";
    std::string& session = address.parameters["options"];
    if (const char* inherited = std::getenv("PGOPTIONS"); session.empty() && inherited != nullptr) {
        session = inherited;
    }
    // Compiling a plan takes longer than what is asked here.
    session = option_text("idle_in_transaction_session_timeout", "10s") + " " + option_text("jit", "off") +
              (session.empty() ? "" : " " + session);
    for (const auto& [name, value] : parted.settings) {
        session += " " + option_text(name, value);
    }
    return address;
}

}  // namespace flotilla

#include "store/postgres/postgres_address.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <libpq-fe.h>

#include "base/error.hpp"

namespace flotilla {

namespace {

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

/// A connection string and the settings of the session that stood in it.
struct Parted {
    std::string known;
    std::vector<std::pair<std::string, std::string>> settings;
};

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const auto end = std::min(text.find(separator), text.size());
        parts.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

/// `%XX` as the bytes that it stands for.
std::string unescaped(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto is_hex = [&](std::size_t at) {
            return at < text.size() && std::isxdigit(static_cast<unsigned char>(text[at])) != 0;
        };
        if (text[i] == '%' && is_hex(i + 1) && is_hex(i + 2)) {
            result += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
            i += 2;
        } else {
            result += text[i];
        }
    }
    return result;
}

/// Takes the parameters that libpq does not know out of a connection string.
Parted part(const std::string& url) {
    Parted parted;
    const auto query = is_uri(url) ? url.find('?') : std::string::npos;
    const char separator = is_uri(url) ? '&' : ' ';
    if (is_uri(url) && query == std::string::npos) {
        return {url, {}};
    }
    std::string kept;
    for (const std::string& parameter : split(is_uri(url) ? url.substr(query + 1) : url, separator)) {
        const auto equals = parameter.find('=');
        const auto name = parameter.substr(0, equals);
        const bool is_setting = equals != std::string::npos && !name.empty() && !keywords().contains(name) &&
                                name != "ssl" && name.find_first_of("' ") == std::string::npos;
        if (!is_setting) {
            kept += fmt::format("{}{}", kept.empty() ? "" : std::string(1, separator), parameter);
        } else if (std::ranges::find(go_only, name) == go_only.end()) {
            const auto value = parameter.substr(equals + 1);
            parted.settings.emplace_back(name, is_uri(url) ? unescaped(value) : value);
        }
    }
    parted.known = is_uri(url) ? url.substr(0, query) + (kept.empty() ? "" : "?" + kept) : kept;
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

bool has_port_of_digits(const PQconninfoOption& options) {
    for (const auto* option = &options; option->keyword != nullptr; ++option) {
        if (std::string_view(option->keyword) == "port" && option->val != nullptr) {
            return std::string_view(option->val).find_first_not_of("0123456789,") == std::string_view::npos;
        }
    }
    return true;
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
    const Parted parted = part(url);
    char* mistake = nullptr;
    const Options options(::PQconninfoParse(parted.known.c_str(), &mistake), &::PQconninfoFree);
    const std::unique_ptr<char, decltype(&::PQfreemem)> text(mistake, &::PQfreemem);
    if (!options || !has_port_of_digits(*options)) {
        // What libpq would quote may be a part of a password with a character that had to be escaped.
        throw invalid(
            "database_url cannot be read as a PostgreSQL connection string such as "
            "postgresql://USER:PASSWORD@HOST:5432/DATABASE; in a password, %, @, / and : are written as %25, "
            "%40, %2F and %3A");
    }
    // Someone who pulls a plug is noticed in seconds; a transaction that a stopped server left open ends.
    PostgresAddress address{{{"application_name", "flotilla"},
                             {"connect_timeout", "5"},
                             {"keepalives_idle", "10"},
                             {"keepalives_interval", "5"},
                             {"keepalives_count", "3"},
                             {"tcp_user_timeout", "15000"}}};
    for (auto* option = options.get(); option->keyword != nullptr; ++option) {
        if (option->val != nullptr) {
            address.parameters[option->keyword] = option->val;
        }
    }
    address.parameters["client_encoding"] = "UTF8";
    std::string& session = address.parameters["options"];
    // Compiling a plan takes longer than what is asked here.
    session = option_text("idle_in_transaction_session_timeout", "10s") + " " + option_text("jit", "off") +
              (session.empty() ? "" : " " + session);
    for (const auto& [name, value] : parted.settings) {
        session += " " + option_text(name, value);
    }
    return address;
}

}  // namespace flotilla

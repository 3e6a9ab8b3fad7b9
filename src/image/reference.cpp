#include "image/reference.hpp"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

namespace flotilla {

namespace {

constexpr std::string_view default_registry = "docker.io";
constexpr std::string_view official_prefix = "library/";
constexpr std::size_t longest_name = 255;
constexpr std::size_t longest_tag = 128;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
bool is_letter(char c) {
    return is_lower(c) || is_upper(c);
}
bool is_alphanumeric(char c) {
    return is_letter(c) || is_digit(c);
}
bool is_lower_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f');
}
bool is_hex(char c) {
    return is_lower_hex(c) || (c >= 'A' && c <= 'F');
}

template <typename Predicate>
bool all_of(std::string_view text, Predicate predicate) {
    return !text.empty() && std::all_of(text.begin(), text.end(), predicate);
}

/// Whether every piece of `text` between `separator`s satisfies `predicate`.
template <typename Predicate>
bool all_pieces(std::string_view text, char separator, Predicate predicate) {
    for (;;) {
        const std::size_t end = text.find(separator);
        if (!predicate(text.substr(0, end))) {
            return false;
        }
        if (end == std::string_view::npos) {
            return true;
        }
        text.remove_prefix(end + 1);
    }
}

/// `[a-z0-9]+` pieces joined by `.`, `_`, `__` or any number of `-`.
bool is_path_component(std::string_view text) {
    std::size_t at = 0;
    for (;;) {
        const std::size_t piece = at;
        while (at < text.size() && (is_lower(text[at]) || is_digit(text[at]))) {
            ++at;
        }
        if (at == piece) {
            return false;
        }
        if (at == text.size()) {
            return true;
        }
        if (text[at] == '-') {
            at = std::min(text.find_first_not_of('-', at), text.size());
        } else if (text.substr(at, 2) == "__") {
            at += 2;
        } else if (text[at] == '.' || text[at] == '_') {
            ++at;
        } else {
            return false;
        }
    }
}

bool is_domain_component(std::string_view text) {
    return all_of(text, [](char c) { return is_alphanumeric(c) || c == '-'; }) && text.front() != '-' &&
           text.back() != '-';
}

/// A host name, an IPv4 address or an IPv6 address in brackets, each perhaps with a port.
bool is_registry(std::string_view text) {
    std::string_view port;
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos ||
            !all_of(text.substr(1, end - 1), [](char c) { return is_hex(c) || c == ':'; })) {
            return false;
        }
        port = text.substr(end + 1);
    } else {
        const std::size_t end = std::min(text.find(':'), text.size());
        if (!all_pieces(text.substr(0, end), '.', is_domain_component)) {
            return false;
        }
        port = text.substr(end);
    }
    return port.empty() || (port.front() == ':' && all_of(port.substr(1), is_digit));
}

bool is_tag(std::string_view text) {
    return text.size() <= longest_tag &&
           all_of(text, [](char c) { return is_alphanumeric(c) || c == '_' || c == '.' || c == '-'; }) &&
           text.front() != '.' && text.front() != '-';
}

/// Letters and digits that begin with a letter, joined by one of `-_+.`.
bool is_digest_algorithm(std::string_view text) {
    bool at_start = true;
    for (const char c : text) {
        if (at_start ? !is_letter(c)
                     : !is_alphanumeric(c) && std::string_view("-_+.").find(c) == std::string_view::npos) {
            return false;
        }
        at_start = !is_alphanumeric(c);
    }
    return !at_start;
}

bool is_digest(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) {
        return false;
    }
    const std::string_view algorithm = text.substr(0, colon);
    const std::string_view hex = text.substr(colon + 1);
    if (algorithm == "sha256" || algorithm == "sha384" || algorithm == "sha512") {
        const std::size_t length = algorithm == "sha256" ? 64 : algorithm == "sha384" ? 96 : 128;
        return hex.size() == length && all_of(hex, is_lower_hex);
    }
    return is_digest_algorithm(algorithm) && hex.size() >= 32 && all_of(hex, is_hex);
}

/// Whether what stands before the first slash names a registry and not a folder of Docker Hub.
bool names_registry(std::string_view text) {
    return text == "localhost" || text.find_first_of(".:") != std::string_view::npos ||
           std::any_of(text.begin(), text.end(), is_upper);
}

}  // namespace

std::string ImageReference::text() const {
    std::string result = registry + "/" + repository;
    if (!tag.empty()) {
        result += ":" + tag;
    }
    if (!digest.empty()) {
        result += "@" + digest;
    }
    return result;
}

std::string ImageReference::familiar() const {
    std::string result = text();
    // A folder of Docker Hub that looks like a registry would be taken for one.
    const std::size_t slash = repository.find('/');
    const bool is_clear = slash == std::string::npos || !names_registry({repository.data(), slash});
    if (registry == default_registry && is_clear) {
        result.erase(0, default_registry.size() + 1);
        if (result.starts_with(official_prefix) &&
            repository.find('/', official_prefix.size()) == std::string::npos) {
            result.erase(0, official_prefix.size());
        }
    }
    return result;
}

std::optional<ImageReference> parse_image_reference(std::string_view text) {
    if (text.size() == 64 && all_of(text, is_lower_hex)) {
        return std::nullopt;  // an image id, which nobody can pull
    }
    ImageReference reference;
    if (const std::size_t at = text.find('@'); at != std::string_view::npos) {
        reference.digest = text.substr(at + 1);
        if (!is_digest(reference.digest)) {
            return std::nullopt;
        }
        text = text.substr(0, at);
    }
    const std::size_t last_slash = text.rfind('/');
    const std::size_t colon = text.find(':', last_slash == std::string_view::npos ? 0 : last_slash);
    if (colon != std::string_view::npos) {
        reference.tag = text.substr(colon + 1);
        if (!is_tag(reference.tag)) {
            return std::nullopt;
        }
        text = text.substr(0, colon);
    } else if (reference.digest.empty()) {
        reference.tag = "latest";
    }

    const std::size_t slash = text.find('/');
    if (slash != std::string_view::npos && names_registry(text.substr(0, slash))) {
        reference.registry = text.substr(0, slash);
        text.remove_prefix(slash + 1);
    } else {
        reference.registry = default_registry;
    }
    if (reference.registry == "index.docker.io") {
        reference.registry = default_registry;
    }
    reference.repository = text;
    if (reference.registry == default_registry && text.find('/') == std::string_view::npos) {
        reference.repository.insert(0, official_prefix);
    }
    if (!is_registry(reference.registry) || !all_pieces(text, '/', is_path_component) ||
        reference.registry.size() + 1 + reference.repository.size() > longest_name) {
        return std::nullopt;
    }
    return reference;
}

}  // namespace flotilla

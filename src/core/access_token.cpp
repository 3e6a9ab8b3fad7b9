#include "core/access_token.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/crypto.hpp"
#include "base/hex.hpp"

namespace flotilla {

namespace {

constexpr std::string_view access_token_prefix = "flt_";
constexpr std::size_t longest_token_name = 64;

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool may_stand_in_name(char c) {
    return is_letter_or_digit(c) || std::string_view("._-@+").find(c) != std::string_view::npos;
}

}  // namespace

std::string access_token_text(std::string_view random_bytes) {
    return std::string(access_token_prefix) + hex_text(random_bytes);
}

bool is_access_token_text(std::string_view text) {
    return text.size() == access_token_prefix.size() + 2 * access_token_bytes &&
           text.starts_with(access_token_prefix) && is_hex_text(text.substr(access_token_prefix.size()));
}

std::string access_token_hash(std::string_view token) {
    // A plain digest is enough: slow and salted ones make it costly to try the few passwords that people
    // choose, and nobody can try 2^256 random tokens at any cost.
    return sha256_of(token);
}

std::optional<std::string> token_name_mistake(std::string_view name) {
    if (name.empty() || name.size() > longest_token_name || !is_letter_or_digit(name.front()) ||
        !std::all_of(name.begin(), name.end(), may_stand_in_name)) {
        return fmt::format(
            "[{}] cannot be the name of a token: it begins with a letter or a digit and has at most {} "
            "letters, digits and . _ - @ +",
            name, longest_token_name);
    }
    if (name == unknown_owner) {
        return fmt::format("[{}] cannot be the name of a token: it stands for owners that nobody knows",
                           name);
    }
    return std::nullopt;
}

}  // namespace flotilla

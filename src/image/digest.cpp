#include "image/digest.hpp"

namespace flotilla {

namespace {

constexpr std::string_view prefix = "sha256:";

}  // namespace

bool is_sha256_digest(std::string_view text) {
    return text.size() == prefix.size() + 64 && text.starts_with(prefix) &&
           text.find_first_not_of("0123456789abcdef", prefix.size()) == std::string_view::npos;
}

std::string digest_hex(std::string_view digest) {
    return std::string(digest.substr(digest.find(':') + 1));
}

}  // namespace flotilla

#pragma once

#include <string>
#include <string_view>

#include "base/crypto.hpp"

namespace flotilla {

/// Whether `text` is `sha256:` and 64 hexadecimal digits, so that it may become part of a file name.
[[nodiscard]] bool is_sha256_digest(std::string_view text);

/// The hexadecimal digits of a digest.
[[nodiscard]] std::string digest_hex(std::string_view digest);

}  // namespace flotilla

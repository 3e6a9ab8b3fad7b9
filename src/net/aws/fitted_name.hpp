#pragma once

#include <cstddef>
#include <string>

namespace flotilla::aws {

/// A name of at most `most` characters, 17 or more, that stands for `name` alone: `name` itself or, where
/// that is longer, its beginning, a hyphen and 16 hexadecimal digits of its SHA-256.
[[nodiscard]] std::string fitted_name(const std::string& name, std::size_t most);

}  // namespace flotilla::aws

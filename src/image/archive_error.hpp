#pragma once

#include <string>

#include <archive.h>

namespace flotilla {

/// What libarchive says of the last failure.
[[nodiscard]] inline std::string archive_error(archive* handle) {
    const char* const text = ::archive_error_string(handle);
    return text == nullptr ? "unreadable" : text;
}

}  // namespace flotilla

#pragma once

#include <stdexcept>
#include <string>

#include <fmt/format.h>

namespace flotilla {

/// What the sender of a request can do about an error. Anything that is not an `Error` is our fault.
enum class ErrorKind {
    invalid,      ///< the request is wrong: mend it
    not_found,    ///< the thing named does not exist
    conflict,     ///< it contradicts what is stored
    outdated,     ///< what it changes has changed since the sender read it: read it again
    unavailable,  ///< something we depend on cannot be reached now: try again later
};

/// Ends a request with a message for its sender.
class Error : public std::runtime_error {
public:
    Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
    [[nodiscard]] ErrorKind kind() const noexcept { return kind_; }

private:
    ErrorKind kind_;
};

template <typename... Args>
[[nodiscard]] Error invalid(fmt::format_string<Args...> format, Args&&... args) {
    return {ErrorKind::invalid, fmt::format(format, std::forward<Args>(args)...)};
}

template <typename... Args>
[[nodiscard]] Error not_found(fmt::format_string<Args...> format, Args&&... args) {
    return {ErrorKind::not_found, fmt::format(format, std::forward<Args>(args)...)};
}

template <typename... Args>
[[nodiscard]] Error conflict(fmt::format_string<Args...> format, Args&&... args) {
    return {ErrorKind::conflict, fmt::format(format, std::forward<Args>(args)...)};
}

template <typename... Args>
[[nodiscard]] Error outdated(fmt::format_string<Args...> format, Args&&... args) {
    return {ErrorKind::outdated, fmt::format(format, std::forward<Args>(args)...)};
}

template <typename... Args>
[[nodiscard]] Error unavailable(fmt::format_string<Args...> format, Args&&... args) {
    return {ErrorKind::unavailable, fmt::format(format, std::forward<Args>(args)...)};
}

}  // namespace flotilla

#include <algorithm>
#include <array>
#include <cctype>
#include <sstream>

#include <fmt/format.h>

#include "image/registry.hpp"

namespace flotilla {

namespace {

bool contains_any(const std::string& text, std::initializer_list<std::string_view> pieces) {
    return std::any_of(pieces.begin(), pieces.end(),
                       [&](std::string_view piece) { return text.find(piece) != std::string::npos; });
}

std::string without_log(const std::string& errors) {
    std::istringstream lines(errors);
    std::string rest;
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("time=")) {
            rest += line + "\n";
        }
    }
    return rest;
}

/// The message in `time="..." level=fatal msg="..."`, unquoted; if there is none, all but the lines of the
/// log.
std::string message_of(const std::string& errors) {
    constexpr std::string_view mark = "level=fatal msg=\"";
    const std::size_t start = errors.find(mark);
    if (start == std::string::npos) {
        return without_log(errors);
    }
    std::string message;
    for (std::size_t at = start + mark.size(); at < errors.size() && errors[at] != '"'; ++at) {
        if (errors[at] == '\\' && at + 1 < errors.size()) {
            ++at;
            message += errors[at] == 'n' || errors[at] == 't' ? ' ' : errors[at];
        } else {
            message += errors[at];
        }
    }
    return message;
}

/// On one line, and no longer than people read.
std::string one_line(const std::string& text) {
    std::string line;
    for (const char c : text) {
        const bool blank = static_cast<unsigned char>(c) <= ' ';
        if (!blank) {
            line += c;
        } else if (!line.empty() && line.back() != ' ') {
            line += ' ';
        }
    }
    if (line.ends_with(' ')) {
        line.pop_back();
    }
    constexpr std::size_t longest = 300;
    return line.size() > longest ? line.substr(0, longest) + "..." : line;
}

/// Leaves out the steps that skopeo was in, which name again what the sentence names.
std::string without_steps(std::string message) {
    constexpr std::array<std::string_view, 8> steps{"Error parsing image name ",
                                                    "initializing source ",
                                                    "Error initializing source ",
                                                    "Error reading manifest ",
                                                    "reading manifest ",
                                                    "pinging container registry ",
                                                    "Error pinging docker registry ",
                                                    "Get \""};
    for (bool again = true; again;) {
        again = false;
        for (const std::string_view step : steps) {
            // A step ends at a colon and a blank; the names in it have none.
            const std::size_t end = message.find(": ");
            if (message.starts_with(step) && end != std::string::npos) {
                message.erase(0, end + 2);
                again = true;
            }
        }
    }
    return message;
}

}  // namespace

const std::string& reason_of(const PullFailure& failure) {
    return std::visit([](const auto& either) -> const std::string& { return either.reason; }, failure);
}

PullFailure explain_skopeo_failure(const std::string& errors, const std::string& address,
                                   const ImageReference& image) {
    const std::string message = one_line(message_of(errors));
    const std::string detail = without_steps(message);
    const std::string name = name_in_registry(image);
    // What passes comes first: a busy registry may say in one breath that it denies.
    if (contains_any(message,
                     {"toomanyrequests", "too many requests", "Too Many Requests", "StatusCode: 429"})) {
        return PullFailed{fmt::format("registry {} wants to be asked less often: {}", address, detail)};
    }
    if (contains_any(message, {"StatusCode: 5", "HTTP status: 5", "status code from registry 5"})) {
        return PullFailed{fmt::format("registry {} is too busy or broken: {}", address, detail)};
    }
    if (contains_any(message, {"unauthorized", "authentication required", "denied: ", "is denied",
                               "no basic auth", "StatusCode: 401", "StatusCode: 403",
                               "status code from registry 403", "invalid username/password"})) {
        return PullDenied{
            fmt::format("registry {} does not give {} to us: {}; is it spelt right, and are there "
                        "credentials for it in docker_auth?",
                        address, name, detail),
            true};
    }
    if (contains_any(message, {"manifest unknown", "name unknown", "repository name not known", ": not found",
                               "404 Not Found", "StatusCode: 404"})) {
        return PullDenied{fmt::format("registry {} has no image {}: {}", address, name, detail)};
    }
    if (contains_any(message, {"server gave HTTP response to HTTPS client"})) {
        return PullFailed{fmt::format(
            "registry {} speaks plain HTTP: list it in images.insecure_registries if that is wanted",
            address)};
    }
    if (contains_any(message,
                     {"pinging", "dial tcp", "x509", "tls: ", "timeout", "EOF", "connection reset"})) {
        return PullFailed{fmt::format("registry {} cannot be reached: {}", address, detail)};
    }
    return PullFailed{fmt::format("{} could not be fetched from registry {}: {}", name, address,
                                  detail.empty() ? "skopeo gave no reason" : detail)};
}

/// skopeo waits by itself when it is told that it asks too often, up to a minute, and says so in its log:
/// https://github.com/containers/image/blob/main/docker/docker_client.go
PullFailure explain_skopeo_timeout(const std::string& errors, const std::string& address,
                                   std::chrono::milliseconds timeout) {
    const double seconds = std::chrono::duration<double>(timeout).count();
    if (contains_any(errors, {"Too many requests to "})) {
        return PullFailed{
            fmt::format("registry {} wants to be asked less often (429 Too Many Requests, for {} seconds)",
                        address, seconds)};
    }
    return PullFailed{fmt::format("registry {} did not answer within {} seconds", address, seconds)};
}

}  // namespace flotilla

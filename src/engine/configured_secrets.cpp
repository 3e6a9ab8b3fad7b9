#include "engine/configured_secrets.hpp"

#include <cerrno>
#include <cstdlib>
#include <optional>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>

#include "base/error.hpp"
#include "base/file.hpp"

namespace flotilla {

namespace {

/// Half of what the kernel takes for one variable (MAX_ARG_STRLEN, execve(2)).
constexpr std::size_t largest_value = 65536;

/// A value, or what is wrong, in words that tell neither value nor place: they may be shown to anybody.
struct Reading {
    std::string value;
    std::string mistake;
};

Reading mistaken(std::string mistake) {
    return {.value = {}, .mistake = std::move(mistake)};
}

Reading read(const SecretInEnvironment& source) {
    const char* const value = std::getenv(source.variable.c_str());
    return value == nullptr ? mistaken("its environment variable is not set") : Reading{value, ""};
}

Reading read(const SecretInFile& source) {
    const auto unreadable = [](int error) {
        return mistaken(fmt::format("its file cannot be read: {}", std::generic_category().message(error)));
    };
    // A pipe must not make the launch wait.
    const UniqueFd file(::open(source.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat found = {};
    if (!file || ::fstat(file.get(), &found) != 0) {
        return unreadable(errno);
    }
    if (!S_ISREG(found.st_mode)) {
        return mistaken("its file is no regular file");
    }
    try {
        std::string value = read_at(file.get(), 0, largest_value + 2);
        if (value.ends_with('\n')) {
            value.pop_back();
        }
        return {std::move(value), ""};
    } catch (const std::system_error& error) {
        return unreadable(error.code().value());
    }
}

/// What a variable of a process can hold.
Reading checked(Reading reading) {
    if (!reading.mistake.empty()) {
        return reading;
    }
    if (reading.value.empty()) {
        return mistaken("its value is empty");
    }
    if (reading.value.size() > largest_value) {
        return mistaken(fmt::format("its value is larger than {} KiB", largest_value / 1024));
    }
    if (reading.value.find('\0') != std::string::npos) {
        return mistaken("its value has a NUL byte, which no environment variable can hold");
    }
    return reading;
}

Reading read_any(const SecretSources::mapped_type& source) {
    return checked(std::visit([](const auto& either) { return read(either); }, source));
}

std::string sentence(const std::string& name, const std::string& mistake) {
    return fmt::format("secret [{}] cannot be had: {}", name, mistake);
}

}  // namespace

std::string ConfiguredSecrets::value_of(const std::string& name) const {
    const auto source = sources_.find(name);
    if (source == sources_.end()) {
        std::vector<std::string> names;
        for (const auto& [known, ignored] : sources_) {
            names.push_back(known);
        }
        throw invalid(
            "secret [{}] is not configured, {}", name,
            names.empty() ? "there are none" : fmt::format("the secrets are: {}", fmt::join(names, ", ")));
    }
    Reading reading = read_any(source->second);
    if (!reading.mistake.empty()) {
        throw invalid("{}", sentence(name, reading.mistake));
    }
    return std::move(reading.value);
}

void ConfiguredSecrets::check(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        static_cast<void>(value_of(name));
    }
}

std::vector<SecretVariable> ConfiguredSecrets::values_for(const Task& task) {
    std::vector<SecretVariable> variables;
    for (const std::string& name : task.secrets) {
        variables.push_back({.name = name, .value = value_of(name)});
    }
    return variables;
}

std::vector<std::string> ConfiguredSecrets::mistakes() const {
    std::vector<std::string> lines;
    for (const auto& [name, source] : sources_) {
        if (const Reading reading = read_any(source); !reading.mistake.empty()) {
            lines.push_back(sentence(name, reading.mistake));
        }
    }
    return lines;
}

}  // namespace flotilla

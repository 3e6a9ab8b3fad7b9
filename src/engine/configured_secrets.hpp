#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "engine/secrets.hpp"

namespace flotilla {

/// An environment variable of the server.
struct SecretInEnvironment {
    std::string variable;
};
/// A file, of which one newline at its end does not count.
struct SecretInFile {
    std::filesystem::path path;
};
/// By the secret's name, which is also that of the variable in the container.
using SecretSources = std::map<std::string, std::variant<SecretInEnvironment, SecretInFile>>;

/// The secrets that the configuration names. Values are read anew each time and kept nowhere, so that a file
/// that changes counts from the next launch on.
class ConfiguredSecrets final : public SecretCheck, public SecretValues {
public:
    explicit ConfiguredSecrets(SecretSources sources) : sources_(std::move(sources)) {}

    void check(const std::vector<std::string>& names) override;
    [[nodiscard]] std::vector<SecretVariable> values_for(const Task& task) override;

    /// One line about each secret that has no value now.
    [[nodiscard]] std::vector<std::string> mistakes() const;

private:
    [[nodiscard]] std::string value_of(const std::string& name) const;

    SecretSources sources_;
};

}  // namespace flotilla

#include "app/secrets.hpp"

#include <utility>

namespace flotilla {

ConfiguredSecrets configured_secrets(const Config& config) {
    SecretSources sources;
    for (const auto& [name, secret] : config.secrets) {
        if (secret.kind == "env") {
            sources.emplace(name, SecretInEnvironment{secret.location});
        } else if (secret.kind == "file") {
            sources.emplace(name, SecretInFile{secret.location});
        }
    }
    return ConfiguredSecrets(std::move(sources));
}

}  // namespace flotilla

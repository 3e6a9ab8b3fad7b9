#pragma once

#include <memory>

#include "app/images.hpp"
#include "app/secrets.hpp"
#include "config/config.hpp"
#include "engine/local/local_engine.hpp"
#include "engine/run_access.hpp"
#include "image/local_image_check.hpp"
#include "image/registry.hpp"
#include "logs/file/file_log_reader.hpp"

namespace flotilla {

/// What the local clusters of this host share.
class LocalHostParts {
public:
    LocalHostParts(const Config& config, Clock& clock, const std::optional<RunTokens>& run_tokens,
                   MetricRegistry& metrics);

    [[nodiscard]] std::unique_ptr<Engine> make_engine(const Config& config, const ClusterConfig& cluster);
    [[nodiscard]] ImageCheck& image_check() { return image_check_; }
    /// Nobody waits for a registry any more.
    void cancel_image_checks() { image_check_.cancel(); }
    [[nodiscard]] SecretCheck& secrets() { return secrets_; }
    [[nodiscard]] LogReader& logs() { return logs_; }

private:
    Clock& clock_;
    ImageStore images_;
    Registry registry_;
    LocalImageCheck image_check_;
    ConfiguredSecrets secrets_;
    FileLogReader logs_;
    Cgroups cgroups_;
    Launcher launcher_;
    RunAccess run_access_;
    PullMetrics pull_metrics_;
};

}  // namespace flotilla

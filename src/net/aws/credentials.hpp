#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.hpp"

namespace flotilla {

/// By which AWS knows who asks.
struct AwsCredentials {
    std::string access_key_id;
    std::string secret_access_key;
    std::string session_token{};            ///< of temporary ones; else empty
    std::optional<TimePoint> expires_at{};  ///< none: they stay
    bool operator==(const AwsCredentials&) const = default;
};

/// Gives credentials that count now. Safe to call from any thread.
class AwsCredentialSource {
public:
    AwsCredentialSource() = default;
    AwsCredentialSource(const AwsCredentialSource&) = delete;
    AwsCredentialSource& operator=(const AwsCredentialSource&) = delete;
    virtual ~AwsCredentialSource() = default;

    /// Waits for them at most `timeout`, and not once `stop` is requested. Throws `unavailable` with one line
    /// that says where they were looked for if there are none.
    [[nodiscard]] virtual AwsCredentials get(std::chrono::milliseconds timeout,
                                             const std::stop_token& stop) = 0;
    /// AWS took these for expired or unknown: they are asked for anew.
    virtual void refused(const AwsCredentials& credentials) = 0;
};

}  // namespace flotilla

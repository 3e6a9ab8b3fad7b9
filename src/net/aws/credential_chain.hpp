#pragma once

#include <condition_variable>
#include <exception>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <thread>

#include "base/guarded.hpp"
#include "net/aws/credentials.hpp"
#include "net/http_client.hpp"

namespace flotilla {

/// Looks for credentials where AWS's own programs do, in their order: the environment, the shared files, a
/// web identity token, the endpoint of containers, the metadata of the EC2 instance (version 2). A thread of
/// its own asks, once for all who wait; what expires is asked for again before it does, and used meanwhile.
/// Whoever was asked is left alone for some seconds, unless AWS refuses what came. See
/// https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
class AwsCredentialChain final : public AwsCredentialSource {
public:
    struct Options {
        std::map<std::string, std::string> environment;
        std::filesystem::path home;
        std::string region;
    };
    /// `http` and `clock` outlive this object.
    AwsCredentialChain(HttpClient& http, Clock& clock, Options options)
        : http_(http), clock_(clock), options_(std::move(options)) {}

    [[nodiscard]] AwsCredentials get(std::chrono::milliseconds timeout, const std::stop_token& stop) override;
    void refused(const AwsCredentials& credentials) override;

private:
    struct State {
        std::optional<AwsCredentials> known;
        std::optional<std::chrono::microseconds> tried_at;  ///< when the last try ended, as `Clock::elapsed`
        std::exception_ptr failure;                         ///< of the last try
        bool is_asking = false;
        std::string asked = "whoever has them";  ///< of whom an answer is waited for
    };

    [[nodiscard]] bool counts(const State& state, std::chrono::microseconds ahead);
    [[nodiscard]] bool may_ask(const State& state);
    void ask_all(const std::stop_token& stop);
    [[nodiscard]] std::string variable(const std::string& name) const;
    [[nodiscard]] AwsCredentials find(const std::stop_token& stop);
    [[nodiscard]] std::optional<AwsCredentials> from_environment() const;
    [[nodiscard]] std::optional<AwsCredentials> from_files() const;
    [[nodiscard]] std::optional<AwsCredentials> from_web_identity(const std::stop_token& stop);
    [[nodiscard]] std::optional<AwsCredentials> from_container(const std::stop_token& stop);
    [[nodiscard]] AwsCredentials from_instance(const std::stop_token& stop);
    [[nodiscard]] std::string session_of_instance(const std::string& base, const std::stop_token& stop);
    [[nodiscard]] HttpResponse ask(HttpRequest request, const std::string& whom, const std::stop_token& stop);

    HttpClient& http_;
    Clock& clock_;
    Options options_;
    bool is_instance_ = false;  ///< its metadata answered once; of the thread that asks alone
    Guarded<State> state_;
    std::condition_variable_any changed_;  ///< it is not asking any more
    std::jthread asker_;
};

}  // namespace flotilla

#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <stop_token>
#include <string>

#include <boost/json/object.hpp>

#include "base/guarded.hpp"
#include "base/random.hpp"
#include "net/aws/credentials.hpp"
#include "net/aws/refusal.hpp"
#include "net/aws/service.hpp"
#include "net/aws/token_bucket.hpp"
#include "net/http_client.hpp"

namespace flotilla {

/// Speaks to AWS: signs, waits for its turn below AWS's quotas, and tries again after throttling, failures on
/// AWS's side and answers that are not AWS's, with back-off and full jitter. Safe to call from any thread.
class AwsClient {
public:
    using Pause = std::function<void(std::chrono::microseconds, const std::stop_token&)>;
    struct Parts {
        HttpClient& http;
        AwsCredentialSource& credentials;
        Clock& clock;
        Random& random;
        Pause pause;  ///< waits, or until it is told to stop; empty: the thread sleeps
    };
    struct Options {
        std::string region;
        std::map<std::string, std::string> environment;  ///< in which endpoints may be named
    };
    struct Limits {
        /// After which no further try begins, and credentials are not waited for.
        std::chrono::milliseconds patience{8'000};
        std::chrono::milliseconds timeout{5'000};  ///< of one try, what it waits for credentials included
        std::stop_token stop{};                    ///< ends it at once
    };

    AwsClient(Parts parts, Options options);

    /// Calls an operation of a service that speaks JSON. Throws `AwsError` for what AWS refuses,
    /// `unavailable` if it cannot be reached.
    boost::json::object call(const AwsService& service, const std::string& operation,
                             const boost::json::object& input, const Limits& limits);
    boost::json::object call(const AwsService& service, const std::string& operation,
                             const boost::json::object& input) {
        return call(service, operation, input, Limits{});
    }

    /// Calls an operation of the Query protocol with `parameters`, names and values; its answer, XML.
    std::string query(const AwsService& service, const std::string& operation,
                      const std::vector<std::pair<std::string, std::string>>& parameters);

    /// Ends what is being asked, for good.
    void cancel() { stop_.request_stop(); }
    [[nodiscard]] bool is_cancelled() const { return stop_.stop_requested(); }

    [[nodiscard]] const std::string& region() const { return options_.region; }

private:
    HttpResponse send(const AwsService& service, const std::string& operation, const HttpRequest& request,
                      const Limits& limits);
    [[nodiscard]] AwsCredentials credentials(Limits& limits, std::chrono::microseconds deadline);
    HttpResponse send_once(const AwsService& service, HttpRequest request, const Limits& limits,
                           const AwsCredentials& credentials);
    void wait_for_turn(const AwsService& service, const std::string& operation, const Limits& limits,
                       std::chrono::microseconds deadline);
    void pause(std::chrono::microseconds duration, const Limits& limits);
    [[nodiscard]] const std::string& region_of(const AwsService& service) const;
    [[nodiscard]] HttpRequest request_to(const AwsService& service) const;

    Parts parts_;
    Options options_;
    Guarded<std::map<std::string, TokenBucket>> buckets_;  ///< by API, as AWS counts them
    std::stop_source stop_;
};

}  // namespace flotilla

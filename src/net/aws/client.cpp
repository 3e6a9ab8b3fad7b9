#include "net/aws/client.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <optional>

#include <boost/json.hpp>

#include "base/thread_pool.hpp"
#include "net/aws/signature.hpp"

namespace flotilla {

namespace json = boost::json;

namespace {

constexpr std::chrono::microseconds first_pause = std::chrono::milliseconds{200};
constexpr std::chrono::microseconds longest_pause = std::chrono::seconds{5};

/// What AWS counts together, with a little less than what it allows; see
/// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html,
/// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html,
/// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html and
/// https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html. Of messages SQS takes as many as
/// come, and ECR hundreds a second.
struct Quota {
    std::string name;
    double burst;
    double rate;
};

std::optional<Quota> quota_of(const AwsService& service, const std::string& operation) {
    const auto starts = [&](std::string_view prefix) { return operation.starts_with(prefix); };
    if (service.name == "ecs") {
        if (operation == "RunTask" || operation == "StopTask") {
            return Quota{"ecs run", 95, 40};
        }
        if (starts("Describe") || starts("List")) {
            return Quota{"ecs read", 90, 18};
        }
        return Quota{"ecs definitions", 18, 0.95};
    }
    if (service.name == "logs") {
        return operation == "GetLogEvents" ? Quota{"logs read", 9, 9}  // 10 a second in the smallest regions
                                           : Quota{"logs groups", 4, 4};
    }
    if (service.name == "events") {
        return Quota{"events", 40, 40};
    }
    if (service.name == "ec2") {
        return Quota{"ec2 read", 90, 18};
    }
    return std::nullopt;
}

void sleep(std::chrono::microseconds duration, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any condition;
    std::unique_lock lock(mutex);
    condition.wait_for(lock, stop, duration, [] { return false; });
}

/// Requested once one of two is.
class EitherStop {
public:
    EitherStop(const std::stop_token& one, const std::stop_token& other)
        : on_one_(one, Request{either_}), on_other_(other, Request{either_}) {}
    [[nodiscard]] std::stop_token token() const { return either_.get_token(); }

private:
    struct Request {
        std::stop_source& source;
        void operator()() const { source.request_stop(); }
    };
    std::stop_source either_;
    std::stop_callback<Request> on_one_;
    std::stop_callback<Request> on_other_;
};

std::chrono::milliseconds in_milliseconds(std::chrono::microseconds duration) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(duration);
}

}  // namespace

AwsClient::AwsClient(Parts parts, Options options) : parts_(std::move(parts)), options_(std::move(options)) {
    if (!parts_.pause) {
        parts_.pause = sleep;
    }
}

json::object AwsClient::call(const AwsService& service, const std::string& operation,
                             const json::object& input, const Limits& limits) {
    HttpRequest request = request_to(service);
    request.headers = {{"Content-Type", "application/x-amz-json-" + service.version},
                       {"X-Amz-Target", service.target + "." + operation}};
    request.body = json::serialize(input);
    const HttpResponse response = send(service, operation, request, limits);
    json::error_code error;
    json::value answer = json::parse(response.body.empty() ? "{}" : response.body, error);
    if (error || !answer.is_object()) {
        throw unavailable("AWS answered {}:{} with something that is no JSON object", service.name,
                          operation);
    }
    return std::move(answer.get_object());
}

std::string AwsClient::query(const AwsService& service, const std::string& operation,
                             const std::vector<std::pair<std::string, std::string>>& parameters) {
    HttpRequest request = request_to(service);
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
    request.body = fmt::format("Action={}&Version={}", operation, service.version);
    for (const auto& [name, value] : parameters) {
        request.body += fmt::format("&{}={}", url_encoded(name), url_encoded(value));
    }
    return send(service, operation, request, Limits{}).body;
}

const std::string& AwsClient::region_of(const AwsService& service) const {
    return service.region.empty() ? options_.region : service.region;
}

HttpRequest AwsClient::request_to(const AwsService& service) const {
    return {.method = "POST", .url = aws_endpoint(service, region_of(service), options_.environment)};
}

void AwsClient::pause(std::chrono::microseconds duration, const Limits& limits) {
    if (duration.count() <= 0) {
        return;
    }
    const BlockingSection waiting(WaitsFor::somebody_else);
    const EitherStop stop(limits.stop, stop_.get_token());
    parts_.pause(duration, stop.token());
    if (stop.token().stop_requested()) {
        throw unavailable("AWS was not asked: the server is ending");
    }
}

void AwsClient::wait_for_turn(const AwsService& service, const std::string& operation, const Limits& limits,
                              std::chrono::microseconds deadline) {
    const auto quota = quota_of(service, operation);
    if (!quota) {
        return;
    }
    std::chrono::microseconds wait{};
    {
        auto buckets = buckets_.lock();
        TokenBucket& bucket = buckets->try_emplace(quota->name, quota->burst, quota->rate).first->second;
        wait = bucket.take(parts_.clock.elapsed());
        if (parts_.clock.elapsed() + wait > deadline) {
            bucket.give_back();
            throw AwsError(ErrorKind::unavailable,
                           fmt::format("{}:{} waits for its turn below AWS's quota of {} a second",
                                       service.name, operation, quota->rate),
                           "Throttling", "");
        }
    }
    pause(wait, limits);
}

/// Those that count now; `limits` as they are for the rest of the try. Who gives none is not asked again
/// here, and AWS's quota is left alone: nothing was sent.
AwsCredentials AwsClient::credentials(Limits& limits, std::chrono::microseconds deadline) {
    const EitherStop stop(limits.stop, stop_.get_token());
    const auto begin = parts_.clock.elapsed();
    const auto patience = in_milliseconds(deadline - begin);
    AwsCredentials found = parts_.credentials.get(std::min(limits.timeout, patience), stop.token());
    const auto rest = limits.timeout - in_milliseconds(parts_.clock.elapsed() - begin);
    limits.timeout = std::max(rest, std::chrono::milliseconds{1});
    return found;
}

HttpResponse AwsClient::send_once(const AwsService& service, HttpRequest request, const Limits& limits,
                                  const AwsCredentials& credentials) {
    const EitherStop stop(limits.stop, stop_.get_token());
    request.stop = stop.token();
    request.timeout = limits.timeout;
    sign(request, {region_of(service), service.name}, credentials, parts_.clock.now());
    return parts_.http.send(request);
}

HttpResponse AwsClient::send(const AwsService& service, const std::string& operation,
                             const HttpRequest& request, const Limits& limits) {
    const auto deadline = parts_.clock.elapsed() + limits.patience;
    bool was_refused = false;
    for (auto longest = first_pause;; longest = std::min(longest * 2, longest_pause)) {
        std::optional<AwsError> failure;
        Limits of_try = limits;
        const AwsCredentials used = credentials(of_try, deadline);
        wait_for_turn(service, operation, limits, deadline);
        try {
            HttpResponse response = send_once(service, request, of_try, used);
            if (response.status / 100 == 2) {
                return response;
            }
            failure = error_of(service.name + ":" + operation, response);
            if (failure->is_expired()) {
                parts_.credentials.refused(used);
                if (!std::exchange(was_refused, true)) {
                    continue;
                }
            }
            if (response.status / 100 != 5 && !failure->code().empty() && !failure->is_momentary()) {
                throw *failure;
            }
        } catch (const AwsError&) {
            throw;
        } catch (const Error& error) {
            failure = AwsError(error.kind(), error.what(), "", "");
        }
        const auto wait = std::chrono::duration_cast<std::chrono::microseconds>(
            parts_.random.unit() * std::chrono::duration<double, std::micro>(longest));
        if (stop_.stop_requested() || limits.stop.stop_requested() ||
            parts_.clock.elapsed() + wait >= deadline) {
            throw *failure;
        }
        pause(wait, limits);
    }
}

}  // namespace flotilla

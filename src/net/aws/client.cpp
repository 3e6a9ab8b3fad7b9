#include "net/aws/client.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <optional>

#include <boost/json.hpp>

#include "base/thread_pool.hpp"
#include "net/aws/signature.hpp"
#include "net/aws/xml_text.hpp"

namespace flotilla {

namespace json = boost::json;

namespace {

constexpr std::chrono::microseconds first_pause = std::chrono::milliseconds{200};
constexpr std::chrono::microseconds longest_pause = std::chrono::seconds{5};

bool is_one_of(const std::string& code, std::initializer_list<std::string_view> codes) {
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

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
        if (is_one_of(operation, {"RunTask", "StopTask"})) {
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

/// What a refusal says.
struct Refusal {
    std::string code;
    std::string words;
    json::object answer{};
};

Refusal refusal_in(const HttpResponse& response) {
    json::error_code error;
    const json::value body = json::parse(response.body, error);
    Refusal refusal;
    if (!error && body.is_object()) {
        const auto text = [&](std::string_view name) {
            const json::value* const value = body.get_object().if_contains(name);
            return value != nullptr && value->is_string() ? json::value_to<std::string>(*value) : "";
        };
        refusal = {text("__type"), text("message").empty() ? text("Message") : text("message"),
                   body.get_object()};
    } else {
        refusal = {xml_text(response.body, "Code"), xml_text(response.body, "Message")};
    }
    if (const auto hash = refusal.code.find('#'); hash != std::string::npos) {
        refusal.code.erase(0, hash + 1);
    }
    if (refusal.code.empty()) {
        refusal.code = std::string(response.header("x-amzn-ErrorType"));
        refusal.code.erase(std::min(refusal.code.find(':'), refusal.code.size()));
    }
    return refusal;
}

bool is_expired(const std::string& code) {
    return is_one_of(code, {"ExpiredTokenException", "ExpiredToken", "RequestExpired",
                            "UnrecognizedClientException", "InvalidClientTokenId"});
}

/// Whether it is about who asks, or about the clock of this host, and not about what is asked.
bool is_of_the_sender(const std::string& code) {
    return is_expired(code) || is_one_of(code, {"InvalidSignatureException", "SignatureDoesNotMatch",
                                                "IncompleteSignature", "MissingAuthenticationToken"});
}

/// The action that AWS says is missing, which may be another than the one that was asked for
/// (`iam:PassRole`); empty: it names none.
std::string denied_action(const std::string& words) {
    constexpr std::string_view mark = "not authorized to perform: ";
    const auto at = words.find(mark);
    if (at == std::string::npos) {
        return "";
    }
    const auto begin = at + mark.size();
    return words.substr(begin, words.find_first_of(" ,", begin) - begin);
}

AwsError error_of(const AwsService& service, const std::string& operation, const HttpResponse& response) {
    const Refusal refusal = refusal_in(response);
    std::string id(response.header("x-amzn-RequestId"));
    if (id.empty()) {
        id = response.header("x-amzn-requestid");
    }
    const std::string which = id.empty() ? "" : fmt::format(" (request {})", id);
    const std::string code = refusal.code.empty() ? fmt::format("{}", response.status) : refusal.code;
    const bool is_of_the_request = response.status / 100 != 5 && !is_of_the_sender(refusal.code);
    AwsError plain(is_of_the_request ? ErrorKind::invalid : ErrorKind::unavailable,
                   fmt::format("AWS refused {}:{}: {}{}{}{}", service.name, operation, code,
                               refusal.words.empty() ? "" : ": ", refusal.words, which),
                   code, refusal.words, refusal.answer);
    if (plain.is_denied()) {
        // Who may do one may do a batch:
        // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-batch-api.html
        constexpr std::string_view batch = "Batch";
        const bool is_batch = service.name == "sqs" && operation.ends_with(batch);
        const std::string asked = fmt::format(
            "{}:{}", service.name, operation.substr(0, operation.size() - (is_batch ? batch.size() : 0)));
        const std::string named = denied_action(refusal.words);
        return {ErrorKind::unavailable,
                fmt::format("AWS denies {}: add the action {} to the policy of these credentials{}{}", asked,
                            named.empty() ? asked : named,
                            refusal.words.empty() ? "" : "; AWS says: " + refusal.words, which),
                code, refusal.words};
    }
    return plain.is_throttled() ? AwsError(ErrorKind::unavailable, plain.what(), code, refusal.words) : plain;
}

void sleep(std::chrono::microseconds duration, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any condition;
    std::unique_lock lock(mutex);
    condition.wait_for(lock, stop, duration, [] { return false; });
}

}  // namespace

bool AwsError::is_denied() const {
    return is_one_of(
        code_, {"AccessDeniedException", "AccessDenied", "UnauthorizedOperation", "AuthorizationError"});
}

bool AwsError::is_throttled() const {
    return is_one_of(code_, {"ThrottlingException", "Throttling", "ThrottledException", "RequestThrottled",
                             "RequestThrottledException", "TooManyRequestsException", "RequestLimitExceeded",
                             "LimitExceededException", "SlowDown"});
}

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
    std::stop_source either;
    const std::stop_callback on_caller(limits.stop, [&] { either.request_stop(); });
    const std::stop_callback on_cancel(stop_.get_token(), [&] { either.request_stop(); });
    parts_.pause(duration, either.get_token());
    if (either.stop_requested()) {
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

HttpResponse AwsClient::send_once(const AwsService& service, HttpRequest request, const Limits& limits,
                                  AwsCredentials& used) {
    used = parts_.credentials.get();
    sign(request, {region_of(service), service.name}, used, parts_.clock.now());
    request.timeout = limits.timeout;
    std::stop_source either;
    request.stop = either.get_token();
    const std::stop_callback on_caller(limits.stop, [&] { either.request_stop(); });
    const std::stop_callback on_cancel(stop_.get_token(), [&] { either.request_stop(); });
    return parts_.http.send(request);
}

HttpResponse AwsClient::send(const AwsService& service, const std::string& operation,
                             const HttpRequest& request, const Limits& limits) {
    const auto deadline = parts_.clock.elapsed() + limits.patience;
    bool was_refused = false;
    for (auto longest = first_pause;; longest = std::min(longest * 2, longest_pause)) {
        std::optional<AwsError> failure;
        wait_for_turn(service, operation, limits, deadline);
        try {
            AwsCredentials used;
            HttpResponse response = send_once(service, request, limits, used);
            if (response.status / 100 == 2) {
                return response;
            }
            failure = error_of(service, operation, response);
            if (is_expired(failure->code())) {
                parts_.credentials.refused(used);
                if (!std::exchange(was_refused, true)) {
                    continue;
                }
            }
            if (response.status / 100 != 5 && !failure->is_throttled()) {
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

#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "net/aws/client.hpp"
#include "support/fakes.hpp"

namespace flotilla::test {

/// AWS as a test says: answers by the name of the operation. An operation that has no answer is refused.
class ScriptedAws final : public HttpClient {
public:
    using Answer = std::function<HttpResponse(const boost::json::object& input)>;

    void on(const std::string& operation, Answer answer) {
        const std::lock_guard lock(mutex_);
        answers_[operation] = std::move(answer);
    }
    void on(const std::string& operation, const std::string& body) {
        on(operation, [body](const boost::json::object&) {
            return HttpResponse{.status = 200, .headers = {}, .body = body};
        });
    }
    void refuse(const std::string& operation, const std::string& code, const std::string& words = "no",
                const boost::json::object& more = {}) {
        on(operation, [=](const boost::json::object&) {
            boost::json::object body = more;
            body["__type"] = code;
            body["message"] = words;
            return HttpResponse{.status = 400, .headers = {}, .body = boost::json::serialize(body)};
        });
    }

    HttpResponse send(const HttpRequest& request) override {
        std::string operation;
        for (const auto& [name, value] : request.headers) {
            if (name == "X-Amz-Target") {
                operation = value.substr(value.find('.') + 1);
            }
        }
        if (operation.empty()) {
            operation = request.body.substr(7, request.body.find('&') - 7);  // Action=...
        }
        boost::json::error_code ignored;
        const auto body = boost::json::parse(request.body, ignored);
        const auto input = body.is_object() ? body.get_object() : boost::json::object{};
        return answer_to(operation, input)(input);
    }

    [[nodiscard]] std::size_t count(const std::string& operation) {
        const std::lock_guard lock(mutex_);
        return static_cast<std::size_t>(std::count_if(
            calls.begin(), calls.end(), [&](const auto& call) { return call.first == operation; }));
    }

    std::vector<std::pair<std::string, boost::json::object>> calls;

private:
    Answer answer_to(const std::string& operation, const boost::json::object& input) {
        const std::lock_guard lock(mutex_);
        calls.emplace_back(operation, input);
        const auto found = answers_.find(operation);
        return found != answers_.end() ? found->second : [](const boost::json::object&) {
            return HttpResponse{.status = 400, .headers = {}, .body = R"({"__type":"InvalidAction"})"};
        };
    }

    std::mutex mutex_;
    std::map<std::string, Answer> answers_;
};

/// A rule that sends to the queue can be made.
inline void allow_event_route(ScriptedAws& aws) {
    aws.on("GetQueueAttributes", R"({"Attributes":{"QueueArn":"arn:aws-cn:sqs:there:123:q"}})");
    aws.on("SetQueueAttributes", "");
    aws.on("ListRuleNamesByTarget", R"({"RuleNames":[]})");
    aws.on("DescribeRule", R"({"State":"ENABLED"})");
    aws.on("PutRule", "{}");
    aws.on("PutTargets", R"({"FailedEntryCount":0,"FailedEntries":[]})");
}

class FixedCredentials final : public AwsCredentialSource {
public:
    AwsCredentials get(std::chrono::milliseconds, const std::stop_token&) override {
        return {"id", "secret"};
    }
    void refused(const AwsCredentials&) override {}
};

/// A client of `ScriptedAws` whose pauses only move the clock.
struct ScriptedAccount {
    ScriptedAws aws;
    FixedCredentials credentials;
    FakeClock clock;
    NoRandom random;
    AwsClient client{{aws, credentials, clock, random,
                      [this](std::chrono::microseconds time, const std::stop_token&) { clock.time += time; }},
                     {"us-east-1", {}}};
};

}  // namespace flotilla::test

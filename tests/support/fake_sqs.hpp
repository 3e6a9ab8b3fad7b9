#pragma once

#include <algorithm>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "support/scripted_aws.hpp"

namespace flotilla::test {

/// Amazon SQS in memory, on a scripted account: queues with messages that are hidden for a while once they
/// were received. Nobody waits: what is not there is not received.
class FakeSqs {
public:
    struct Message {
        std::string id;
        std::string body;
        std::chrono::microseconds hidden_until{};
        std::string receipt;
    };

    explicit FakeSqs(ScriptedAccount& account) : clock_(account.clock), aws_(account.aws) {
        on("CreateQueue", [this](const auto& input) {
            queues[name(input, "QueueName")];
            return url(input);
        });
        on("GetQueueUrl", [this](const auto& input) {
            return queues.contains(name(input, "QueueName")) ? url(input) : missing_queue();
        });
        on("GetQueueAttributes", [](const auto&) { return boost::json::object{}; });
        on("SetQueueAttributes", [](const auto&) { return boost::json::object{}; });
        on_queue("SendMessageBatch", [this](auto& queue, const auto& input) {
            for (const auto& entry : input.at("Entries").as_array()) {
                send(queue, name(entry.as_object(), "MessageBody"));
            }
        });
        on_queue("DeleteMessageBatch", [](auto& queue, const auto& input) {
            for (const auto& entry : input.at("Entries").as_array()) {
                std::erase_if(queue, [&](const Message& message) {
                    return message.receipt == name(entry.as_object(), "ReceiptHandle");
                });
            }
        });
        on_queue("ChangeMessageVisibilityBatch", [this](auto& queue, const auto& input) {
            for (const auto& entry : input.at("Entries").as_array()) {
                for (Message& message : queue) {
                    if (message.receipt == name(entry.as_object(), "ReceiptHandle")) {
                        message.hidden_until =
                            clock_.elapsed() +
                            std::chrono::seconds(entry.as_object().at("VisibilityTimeout").as_int64());
                    }
                }
            }
        });
        on("ReceiveMessage", [this](const auto& input) { return receive(input); });
    }

    void send(std::vector<Message>& queue, const std::string& body) {
        queue.push_back({std::to_string(++count_), body, {}, {}});
    }
    void send(const std::string& queue, const std::string& body) { send(queues[queue], body); }
    [[nodiscard]] std::vector<std::string> bodies(const std::string& queue) {
        std::vector<std::string> all;
        for (const Message& message : queues[queue]) {
            all.push_back(message.body);
        }
        return all;
    }

    std::map<std::string, std::vector<Message>> queues;

private:
    using Object = boost::json::object;

    static std::string name(const Object& input, std::string_view member) {
        return boost::json::value_to<std::string>(input.at(member));
    }
    static Object url(const Object& input) {
        return {{"QueueUrl", "http://sqs/" + name(input, "QueueName")}};
    }
    static Object missing_queue() { return {{"__type", "com.amazonaws.sqs#QueueDoesNotExist"}}; }

    template <typename Answer>
    void on(const std::string& operation, Answer answer) {
        aws_.on(operation, [this, answer](const Object& input) {
            const std::lock_guard lock(mutex_);
            const Object body = answer(input);
            return HttpResponse{.status = body.contains("__type") ? 400 : 200,
                                .headers = {},
                                .body = boost::json::serialize(body)};
        });
    }
    /// For a queue that has to be there.
    template <typename Work>
    void on_queue(const std::string& operation, Work work) {
        on(operation, [this, work](const Object& input) {
            const auto found = queues.find(name(input, "QueueUrl").substr(11));
            if (found == queues.end()) {
                return missing_queue();
            }
            work(found->second, input);
            return Object{};
        });
    }
    Object receive(const Object& input) {
        const auto found = queues.find(name(input, "QueueUrl").substr(11));
        if (found == queues.end()) {
            return missing_queue();
        }
        boost::json::array messages;
        for (Message& message : found->second) {
            if (message.hidden_until <= clock_.elapsed() &&
                static_cast<std::int64_t>(messages.size()) <
                    input.at("MaxNumberOfMessages").to_number<int>()) {
                message.hidden_until =
                    clock_.elapsed() + std::chrono::seconds(input.at("VisibilityTimeout").as_int64());
                message.receipt = std::to_string(++count_);
                messages.emplace_back(Object{
                    {"MessageId", message.id}, {"ReceiptHandle", message.receipt}, {"Body", message.body}});
            }
        }
        return {{"Messages", std::move(messages)}};
    }

    Clock& clock_;
    ScriptedAws& aws_;
    std::mutex mutex_;  ///< what several threads ask at once is answered one by one
    int count_ = 0;
};

}  // namespace flotilla::test

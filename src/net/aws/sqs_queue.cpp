#include "net/aws/sqs_queue.hpp"

#include <algorithm>
#include <charconv>
#include <future>

#include <boost/json.hpp>

#include "base/log.hpp"
#include "base/portions.hpp"
#include "net/aws/json_fields.hpp"

namespace flotilla {

namespace {

namespace json = boost::json;

/// Whoever has a batch comes again, and nobody waits for long for one at the end of the server.
AwsClient::Limits batch_limits(const std::stop_token& stop) {
    return {.patience = std::chrono::seconds{3}, .timeout = std::chrono::seconds{5}, .stop = stop};
}

bool is_missing_queue(const AwsError& error) {
    return error.code() == "QueueDoesNotExist" || error.code() == "NonExistentQueue";
}

json::object attributes_of(const SqsQueue::Options& options) {
    json::object attributes;
    attributes["MessageRetentionPeriod"] = std::to_string(options.retention.count());
    attributes["VisibilityTimeout"] = std::to_string(options.process_time.count());
    return attributes;
}

}  // namespace

SqsQueue::SqsQueue(AwsClient& aws, Options options) : aws_(aws), options_(std::move(options)) {
    options_.process_time = std::max(options_.process_time, std::chrono::seconds{1});
}

bool SqsQueue::ensure(const std::stop_token& stop) {
    if (!url().empty()) {
        return false;
    }
    if (options_.name.size() > longest_name) {
        throw invalid("the name of the queue {} is longer than the {} characters of SQS", options_.name,
                      longest_name);
    }
    const AwsClient::Limits limits{.stop = stop};
    json::object input;
    input["QueueName"] = options_.name;
    bool is_new = false;
    std::string url;
    try {
        url = aws::text(aws_.call(sqs_service, "GetQueueUrl", input, limits), "QueueUrl");
    } catch (const AwsError& error) {
        if (!is_missing_queue(error)) {
            throw;
        }
        input["Attributes"] = attributes_of(options_);
        url = aws::text(aws_.call(sqs_service, "CreateQueue", input, limits), "QueueUrl");
        is_new = true;
    }
    if (!is_new) {
        set_attributes(url, limits);
    }
    *url_.lock() = url;
    return is_new;
}

/// Those of the options, where a queue that was there has others and that is allowed.
void SqsQueue::set_attributes(const std::string& url, const AwsClient::Limits& limits) {
    const json::object wanted = attributes_of(options_);
    json::object input;
    input["QueueUrl"] = url;
    input["AttributeNames"] = json::array{"MessageRetentionPeriod", "VisibilityTimeout"};
    try {
        const json::object answer = aws_.call(sqs_service, "GetQueueAttributes", input, limits);
        const json::object& known = aws::object(answer, "Attributes");
        const bool is_so = std::all_of(wanted.begin(), wanted.end(), [&](const auto& attribute) {
            return aws::text(known, attribute.key()) == aws::text(wanted, attribute.key());
        });
        if (!is_so) {
            input.erase("AttributeNames");
            input["Attributes"] = wanted;
            aws_.call(sqs_service, "SetQueueAttributes", input, limits);
        }
    } catch (const AwsError& error) {
        if (!error.is_denied()) {
            throw;
        }
        log_warning("the queue {} may not have the attributes of the configuration: {}", options_.name,
                    error.what());
    }
}

std::vector<SqsMessage> SqsQueue::receive(std::size_t most, std::chrono::seconds wait,
                                          const std::stop_token& stop) {
    json::object input;
    input["MaxNumberOfMessages"] = std::min(most, most_at_once);
    input["WaitTimeSeconds"] = wait.count();
    input["VisibilityTimeout"] = options_.process_time.count();
    const json::object answer =
        call("ReceiveMessage", std::move(input),
             {.patience = std::chrono::seconds{5}, .timeout = wait + std::chrono::seconds{10}, .stop = stop});
    std::vector<SqsMessage> messages;
    for (const json::value& value : aws::list(answer, "Messages")) {
        const json::object& message = aws::object(value);
        messages.push_back({aws::text(message, "MessageId"), aws::text(message, "ReceiptHandle"),
                            aws::text(message, "Body")});
    }
    return messages;
}

std::vector<std::size_t> SqsQueue::send(std::span<const std::string> bodies, const std::stop_token& stop) {
    std::vector<json::object> entries;
    for (const std::string& body : bodies) {
        entries.push_back({{"MessageBody", body}});
    }
    return call_batch("SendMessageBatch", std::move(entries), stop);
}

void SqsQueue::remove(std::span<const std::string> receipts, const std::stop_token& stop) {
    std::vector<json::object> entries;
    for (const std::string& receipt : receipts) {
        entries.push_back({{"ReceiptHandle", receipt}});
    }
    call_batch("DeleteMessageBatch", std::move(entries), stop);
}

std::vector<std::size_t> SqsQueue::hide(std::span<const std::string> receipts, std::chrono::seconds time,
                                        const std::stop_token& stop) {
    std::vector<json::object> entries;
    for (const std::string& receipt : receipts) {
        entries.push_back({{"ReceiptHandle", receipt}, {"VisibilityTimeout", time.count()}});
    }
    return call_batch("ChangeMessageVisibilityBatch", std::move(entries), stop);
}

/// All portions at once: a call takes its time, and SQS takes many.
std::vector<std::size_t> SqsQueue::call_batch(const std::string& operation, std::vector<json::object> entries,
                                              const std::stop_token& stop) {
    for (std::size_t place = 0; place < entries.size(); ++place) {
        entries[place]["Id"] = std::to_string(place);
    }
    std::vector<std::future<std::vector<std::size_t>>> calls;
    in_portions(std::span<const json::object>(entries), most_at_once,
                [&](std::span<const json::object> portion) {
                    calls.push_back(std::async(std::launch::async, [this, &operation, &stop, portion] {
                        return call_one(operation, portion, stop);
                    }));
                });
    std::vector<std::size_t> failed;
    for (auto& call : calls) {
        const auto of_portion = call.get();
        failed.insert(failed.end(), of_portion.begin(), of_portion.end());
    }
    return failed;
}

std::vector<std::size_t> SqsQueue::call_one(const std::string& operation,
                                            std::span<const json::object> portion,
                                            const std::stop_token& stop) {
    json::object input;
    input["Entries"] = json::array(portion.begin(), portion.end());
    const json::object answer = call(operation, std::move(input), batch_limits(stop));
    std::vector<std::size_t> failed;
    for (const json::value& failure : aws::list(answer, "Failed")) {
        const std::string id = aws::text(aws::object(failure), "Id");
        std::size_t place = 0;
        std::from_chars(id.data(), id.data() + id.size(), place);
        failed.push_back(place);
    }
    return failed;
}

json::object SqsQueue::call(const std::string& operation, json::object input,
                            const AwsClient::Limits& limits) {
    input["QueueUrl"] = url();
    try {
        return aws_.call(sqs_service, operation, input, limits);
    } catch (const AwsError& error) {
        if (is_missing_queue(error)) {
            url_.lock()->clear();  // somebody removed it: it is made anew
        }
        throw;
    }
}

}  // namespace flotilla

#pragma once

#include <chrono>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/guarded.hpp"
#include "net/aws/client.hpp"

namespace flotilla {

/// As it was received.
struct SqsMessage {
    std::string id;
    std::string receipt;  ///< of this time that it was received
    std::string body;
};

/// A queue of Amazon SQS. It is made if it does not exist, and has the attributes of the options. Safe to
/// call from any thread; what asks SQS throws `Error`.
class SqsQueue {
public:
    struct Options {
        std::string name;
        std::chrono::seconds retention{604'800};  ///< how long a message is kept that nobody takes
        std::chrono::seconds process_time{45};    ///< how long one that was received is shown to nobody else
    };
    /// In one call to SQS.
    static constexpr std::size_t most_at_once = 10;
    /// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
    static constexpr std::size_t longest_name = 80;
    static constexpr std::chrono::seconds longest_poll{20};

    SqsQueue(AwsClient& aws, Options options);

    [[nodiscard]] const std::string& name() const { return options_.name; }
    [[nodiscard]] std::chrono::seconds process_time() const { return options_.process_time; }

    /// Sees to it that there is the queue: at the first call, and again once SQS said that it is no more.
    /// Says whether it was made now, and so is empty. Here and below `stop` ends what is being asked.
    bool ensure(const std::stop_token& stop = {});
    /// Its URL, once it is there.
    [[nodiscard]] std::string url() { return *url_.lock(); }

    /// At most ten messages; waits for the first one, at most `wait`, which is `longest_poll` or less.
    [[nodiscard]] std::vector<SqsMessage> receive(std::size_t most, std::chrono::seconds wait,
                                                  const std::stop_token& stop);
    /// Sends each body as a message. The places of those that SQS did not take.
    [[nodiscard]] std::vector<std::size_t> send(std::span<const std::string> bodies,
                                                const std::stop_token& stop = {});
    void remove(std::span<const std::string> receipts, const std::stop_token& stop = {});
    /// Nobody else is shown these for so long from now. The places of those of which SQS did not take that.
    [[nodiscard]] std::vector<std::size_t> hide(std::span<const std::string> receipts,
                                                std::chrono::seconds time, const std::stop_token& stop = {});

private:
    boost::json::object call(const std::string& operation, boost::json::object input,
                             const AwsClient::Limits& limits);
    /// Calls a batch operation for all entries; the places of those that failed.
    std::vector<std::size_t> call_batch(const std::string& operation,
                                        std::vector<boost::json::object> entries,
                                        const std::stop_token& stop);
    std::vector<std::size_t> call_one(const std::string& operation,
                                      std::span<const boost::json::object> portion,
                                      const std::stop_token& stop);
    void set_attributes(const std::string& url, const AwsClient::Limits& limits);

    AwsClient& aws_;
    Options options_;
    Guarded<std::string> url_;  ///< empty: not known to be there
};

}  // namespace flotilla

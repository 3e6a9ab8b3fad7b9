#include "queue/sqs/sqs_run_queue.hpp"

#include <chrono>
#include <functional>
#include <future>
#include <stop_token>
#include <vector>

#include <fmt/format.h>

#include "base/log.hpp"
#include "net/aws/fitted_name.hpp"
#include "queue/sqs/hand_lines.hpp"

namespace flotilla {

SqsRunQueue::SqsRunQueue(Parts parts, std::chrono::seconds longest_pass, std::string host,
                         SqsQueueOptions options)
    : LeasingQueue(parts.database, parts.clock, longest_pass, parts.run_metrics, std::move(host),
                   options.process_time),
      options_(std::move(options)),
      parts_{parts.database, parts.clock, parts.aws, parts.optional, parts.parked} {}

ClusterMessages& SqsRunQueue::serve(const std::string& cluster, Wake& submit_wake) {
    SqsQueue::Options queue{
        .name = aws::fitted_name(fmt::format("{}-{}", options_.name_space, cluster), SqsQueue::longest_name),
        .retention = options_.retention,
        .process_time = options_.process_time};
    return clusters_.lock()
        ->try_emplace(cluster, cluster, std::move(queue), parts_, submit_wake)
        .first->second;
}

void SqsRunQueue::close() noexcept {
    constexpr std::chrono::seconds patience{2};
    is_closed_ = true;
    const auto tell = [](const std::exception& error) {
        log_warning("messages are not shown to other servers before their time: {}", error.what());
    };
    std::stop_source enough;
    const auto close_one = [&tell, &enough](ClusterMessages& messages) {
        try {
            messages.close(enough.get_token());
        } catch (const std::exception& error) {
            tell(error);
        }
    };
    try {
        auto clusters = clusters_.lock();
        for (auto& [name, messages] : *clusters) {
            messages.request_stop();
        }
        std::vector<std::future<void>> closings;  // all at once: SQS may not answer
        for (auto& [name, messages] : *clusters) {
            closings.push_back(std::async(std::launch::async, close_one, std::ref(messages)));
        }
        const auto deadline = std::chrono::steady_clock::now() + patience;
        for (const auto& closing : closings) {
            closing.wait_until(deadline);
        }
        enough.request_stop();
    } catch (const std::exception& error) {
        tell(error);
    }
}

ClusterMessages* SqsRunQueue::messages_of(const Cluster& cluster) {
    auto clusters = clusters_.lock();
    const auto found = clusters->find(cluster.name);
    return found == clusters->end() ? nullptr : &found->second;
}

std::vector<RunQueue::Lease> SqsRunQueue::take(const Cluster& cluster, std::size_t most,
                                               const HeldRuns& held) {
    ClusterMessages* const messages = messages_of(cluster);
    if (messages == nullptr || is_closed_) {
        return {};
    }
    messages->look(held);
    return messages->in_hand().empty() ? std::vector<Lease>{} : LeasingQueue::take(cluster, most, held);
}

std::optional<std::string> SqsRunQueue::trouble(const Cluster& cluster) {
    ClusterMessages* const messages = messages_of(cluster);
    return messages == nullptr ? std::nullopt : messages->trouble();
}

std::unique_ptr<OwnerLines> SqsRunQueue::lines(SqlSession& session, const TurnsWanted& wanted) {
    return std::make_unique<HandLines>(session, wanted, *messages_of(wanted.cluster));
}

bool SqsRunQueue::may_take_over(const Cluster& cluster, const RunId& run) {
    return messages_of(cluster)->is_in_hand(run);
}

std::string SqsRunQueue::turn_of(SqlSession&, const Cluster& cluster, const Run&) {
    ClusterMessages* const messages = messages_of(cluster);
    return messages == nullptr ? "SQS says when"
                               : fmt::format("the queue {} says when", messages->queue().name());
}

}  // namespace flotilla

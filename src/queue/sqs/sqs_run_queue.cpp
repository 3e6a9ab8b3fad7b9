#include "queue/sqs/sqs_run_queue.hpp"

#include <fmt/format.h>

#include "base/log.hpp"
#include "queue/sqs/hand_lines.hpp"

namespace flotilla {

SqsRunQueue::SqsRunQueue(Parts parts, std::chrono::seconds longest_pass, std::string host,
                         SqsQueueOptions options)
    : LeasingQueue(parts.database, parts.clock, longest_pass, parts.run_metrics, std::move(host),
                   options.process_time),
      options_(std::move(options)),
      // No cluster's queue is called that: theirs go on with a hyphen.
      parked_(parts.aws, queue_options(options_.name_space + "_parked")),
      parts_{parts.database,
             parts.clock,
             parts.aws,
             parts.optional,
             parked_,
             parts.metrics.counter("flotilla_queue_messages_parked_total",
                                   "Messages of SQS queues that nobody could do anything with.")} {}

SqsQueue::Options SqsRunQueue::queue_options(std::string name) const {
    return {.name = std::move(name), .retention = options_.retention, .process_time = options_.process_time};
}

ClusterMessages& SqsRunQueue::serve(const std::string& cluster, Wake& submit_wake) {
    auto name = fmt::format("{}-{}", options_.name_space, cluster);
    return clusters_.try_emplace(cluster, cluster, queue_options(std::move(name)), parts_, submit_wake)
        .first->second;
}

void SqsRunQueue::start(std::chrono::microseconds sweep) {
    for (auto& [name, messages] : clusters_) {
        messages.start(sweep);
    }
}

void SqsRunQueue::close() noexcept {
    is_closed_ = true;
    try {
        for (auto& [name, messages] : clusters_) {
            messages.close();
        }
    } catch (const std::exception& error) {
        log_warning("messages are not shown to other servers before their time: {}", error.what());
    }
}

std::vector<RunQueue::Lease> SqsRunQueue::take(const Cluster& cluster, std::size_t most) {
    const auto messages = clusters_.find(cluster.name);
    if (messages == clusters_.end() || is_closed_) {
        return {};
    }
    messages->second.look();
    return messages->second.in_hand().empty() ? std::vector<Lease>{} : LeasingQueue::take(cluster, most);
}

std::optional<std::string> SqsRunQueue::trouble(const Cluster& cluster) {
    const auto messages = clusters_.find(cluster.name);
    return messages == clusters_.end() ? std::nullopt : messages->second.trouble();
}

std::unique_ptr<OwnerLines> SqsRunQueue::lines(SqlSession& session, const TurnsWanted& wanted) {
    return std::make_unique<HandLines>(session, wanted, clusters_.at(wanted.cluster.name));
}

bool SqsRunQueue::may_take_over(const Cluster& cluster, const RunId& run) {
    return clusters_.at(cluster.name).is_in_hand(run);
}

std::string SqsRunQueue::turn_of(SqlSession&, const Cluster& cluster, const Run&) {
    const auto messages = clusters_.find(cluster.name);
    return messages == clusters_.end()
               ? "SQS says when"
               : fmt::format("the queue {} says when", messages->second.queue().name());
}

}  // namespace flotilla

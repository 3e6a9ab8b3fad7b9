#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>

#include "queue/leasing_queue.hpp"
#include "queue/sqs/cluster_messages.hpp"

namespace flotilla {

struct SqsQueueOptions {
    std::string name_space;  ///< a cluster has the queue `<name_space>-<cluster>`
    std::chrono::seconds retention{604'800};
    std::chrono::seconds process_time{45};
};

/// Queued runs as messages of Amazon SQS, a queue for each cluster. The store stays the truth: a message only
/// says which run to look at, one that is lost is sent again, and one of a run that does not wait is deleted.
/// Turns are as in the store's own queue, but among those runs alone whose messages this server has in hand.
class SqsRunQueue final : public LeasingQueue {
public:
    struct Parts {
        SqlDatabase& database;
        Clock& clock;
        AwsClient& aws;
        OptionalActions& optional;
        MetricRegistry& metrics;
        RunMetrics* run_metrics = nullptr;  ///< null: runs are not counted
    };
    SqsRunQueue(Parts parts, std::chrono::seconds longest_pass, std::string host, SqsQueueOptions options);
    ~SqsRunQueue() override { close(); }

    /// Before anything is taken: this server takes runs of the cluster. `submit_wake` is woken when there may
    /// be some, from `start` to `close`. The cluster's messages.
    ClusterMessages& serve(const std::string& cluster, Wake& submit_wake);
    /// Messages are sent and received from here on; see `ClusterMessages::start`.
    void start(std::chrono::microseconds sweep);
    /// Takes nothing more, and lets other servers have what it was about to take.
    void close() noexcept;

    [[nodiscard]] std::vector<Lease> take(const Cluster& cluster, std::size_t most) override;
    [[nodiscard]] std::optional<std::string> trouble(const Cluster& cluster) override;

private:
    [[nodiscard]] std::unique_ptr<OwnerLines> lines(SqlSession& session, const TurnsWanted& wanted) override;
    [[nodiscard]] bool may_take_over(const Cluster& cluster, const RunId& run) override;
    [[nodiscard]] std::string turn_of(SqlSession& session, const Cluster& cluster, const Run& run) override;
    [[nodiscard]] SqsQueue::Options queue_options(std::string name) const;

    SqsQueueOptions options_;
    SqsQueue parked_;
    SqsParts parts_;
    std::map<std::string, ClusterMessages> clusters_;
    std::atomic<bool> is_closed_ = false;
};

}  // namespace flotilla

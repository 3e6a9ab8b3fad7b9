#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>

#include "queue/leasing_queue.hpp"
#include "queue/sqs/cluster_messages.hpp"

namespace flotilla {

struct SqsQueueOptions {
    /// A cluster has the queue `<name_space>-<cluster>`, or what stands for it (`fitted_name`) if that is too
    /// long.
    std::string name_space;
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
        ParkedMessages& parked;
        RunMetrics* run_metrics = nullptr;  ///< null: runs are not counted
    };
    SqsRunQueue(Parts parts, std::chrono::seconds longest_pass, std::string host, SqsQueueOptions options);
    ~SqsRunQueue() override { close(); }

    /// Before anything of it is taken: this server takes runs of the cluster. `submit_wake` is woken when
    /// there may be some. The cluster's messages, which are to be started.
    ClusterMessages& serve(const std::string& cluster, Wake& submit_wake);
    /// Takes nothing more, and lets other servers have what it was about to take, if SQS answers soon.
    void close() noexcept;

    [[nodiscard]] std::vector<Lease> take(const Cluster& cluster, std::size_t most,
                                          const HeldRuns& held) override;
    [[nodiscard]] std::optional<std::string> trouble(const Cluster& cluster) override;

private:
    [[nodiscard]] std::unique_ptr<OwnerLines> lines(SqlSession& session, const TurnsWanted& wanted) override;
    [[nodiscard]] bool may_take_over(const Cluster& cluster, const RunId& run) override;
    [[nodiscard]] std::string turn_of(SqlSession& session, const Cluster& cluster, const Run& run) override;
    /// Null if this server takes none of its runs.
    [[nodiscard]] ClusterMessages* messages_of(const Cluster& cluster);

    SqsQueueOptions options_;
    SqsParts parts_;
    Guarded<std::map<std::string, ClusterMessages>> clusters_;  ///< none ever goes
    std::atomic<bool> is_closed_ = false;
};

}  // namespace flotilla

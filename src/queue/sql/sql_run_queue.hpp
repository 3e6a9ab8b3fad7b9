#pragma once

#include "queue/leasing_queue.hpp"

namespace flotilla {

/// The store's own queue: the runs whose phase is `waiting` are the queue, so it cannot lose what the store
/// has.
class SqlRunQueue final : public LeasingQueue {
public:
    using LeasingQueue::LeasingQueue;

private:
    [[nodiscard]] std::unique_ptr<OwnerLines> lines(SqlSession& session, const TurnsWanted& wanted) override;
    [[nodiscard]] bool may_take_over(const Cluster&, const RunId&) override { return true; }
    [[nodiscard]] std::string turn_of(SqlSession& session, const Cluster& cluster, const Run& run) override;
};

}  // namespace flotilla

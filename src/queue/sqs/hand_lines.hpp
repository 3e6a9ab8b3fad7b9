#pragma once

#include <string>
#include <utility>
#include <vector>

#include "queue/leasing_queue.hpp"
#include "queue/sqs/cluster_messages.hpp"

namespace flotilla {

/// The lines of those runs whose messages are in hand. Messages of runs that do not wait are dropped from it.
class HandLines final : public OwnerLines {
public:
    HandLines(SqlSession& session, const TurnsWanted& wanted, ClusterMessages& messages);

    [[nodiscard]] std::optional<OwnerLine> next() override;
    [[nodiscard]] const std::string& owner(std::size_t number) const override { return lines_[number].first; }

private:
    std::vector<std::pair<std::string, OwnerLine>> lines_;  ///< by owner, in the order of their turns
    std::size_t next_ = 0;
};

}  // namespace flotilla

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "queue/leasing_queue.hpp"
#include "store/sql.hpp"

namespace flotilla {

/// So many owners are looked at, at most, besides those all of whose runs are held.
constexpr std::int64_t most_owners = 256;

/// Owners with waiting runs, the one whose last turn is longest ago first: `most` of them, without the first
/// `skipped`. There may be some who have none left. What it costs does not depend on how many there are.
[[nodiscard]] std::vector<std::string> owners_in_turn(SqlSession& session, const Cluster& cluster,
                                                      std::int64_t most, std::int64_t skipped = 0);

/// Walks from owner to owner in the order of their turns. What it is made of has to outlive it.
class OwnerWalk final : public OwnerLines {
public:
    OwnerWalk(SqlSession& session, const TurnsWanted& wanted)
        : session_(session),
          cluster_(wanted.cluster),
          room_(wanted.room),
          most_(wanted.most),
          passed_over_(wanted.passed_over),
          held_(wanted.held) {}

    [[nodiscard]] std::optional<OwnerLine> next() override;
    [[nodiscard]] const std::string& owner(std::size_t number) const override { return owners_[number]; }
    /// Takes the owners who have no waiting runs left from those who wait.
    void close() override;

private:
    bool look_ahead();

    SqlSession& session_;
    const Cluster& cluster_;
    const Room& room_;
    std::size_t most_;
    const std::set<RunId>& passed_over_;
    const std::set<Revision>& held_;
    std::vector<std::string> owners_;
    std::size_t read_ = 0;      ///< entries, of which `owners_` are
    std::size_t ahead_ = 0;     ///< the first of `owners_` that was not looked at
    std::int64_t held_up_ = 0;  ///< those all of whose runs are held
    bool some_may_fit_ = false;
    bool is_over_ = false;
    std::vector<std::string> without_runs_;
};

}  // namespace flotilla

#pragma once

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "core/needs.hpp"
#include "store/sql.hpp"

namespace flotilla {

/// Of which runs of a cluster a message is to be sent, as the store has it: of those that have begun to wait,
/// and of those that wait for so long that theirs may be lost. Several servers may ask side by side.
class DueMessages {
public:
    /// A message may be lost that is `lost_after` old, and as old as its run was when it was sent: one that
    /// waits for long has few.
    DueMessages(SqlDatabase& database, Clock& clock, std::string cluster, std::chrono::seconds lost_after)
        : database_(database), clock_(clock), cluster_(std::move(cluster)), lost_after_(lost_after) {}

    /// Some of them, oldest first, which from here on count as sent: of what is held, and waits, none; of
    /// each revision that is doubtful one more.
    [[nodiscard]] std::vector<RunId> take(std::size_t most, const HeldRuns& held);
    /// Of these no message was sent.
    void put_back(const std::vector<RunId>& runs);
    /// All messages are lost.
    void put_back_all();

private:
    struct Choice {
        std::set<Revision> revisions;
        bool is_of_them;  ///< those that wait and were made of one of these; else all others
        std::size_t most;
    };
    [[nodiscard]] static std::vector<Choice> choices(std::size_t most, const HeldRuns& held);
    [[nodiscard]] std::vector<RunId> due(SqlSession& session, const Choice& choice, bool locked);

    SqlDatabase& database_;
    Clock& clock_;
    std::string cluster_;
    std::chrono::seconds lost_after_;
};

}  // namespace flotilla

#include "queue/sqs/due_messages.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "queue/held_revisions.hpp"
#include "store/sql_values.hpp"

namespace flotilla {

namespace {

/// As the condition of the index on `message_due_at` has it.
constexpr std::string_view unfinished = "engine = 'ecs' AND phase IN ('waiting', 'submitting')";

}  // namespace

std::vector<RunId> DueMessages::take(std::size_t most, const HeldRuns& held) {
    const auto chosen = choices(most, held);
    bool is_any = false;
    database_.read([&](SqlSession& session) {
        is_any = std::any_of(chosen.begin(), chosen.end(), [&](const Choice& choice) {
            return !due(session, {choice.revisions, choice.is_of_them, 1}, false).empty();
        });
    });
    std::vector<RunId> runs;
    if (!is_any) {
        return runs;
    }
    database_.write([&](SqlSession& session) {
        runs.clear();
        for (const Choice& choice : chosen) {
            const auto some = due(session, choice, true);
            runs.insert(runs.end(), some.begin(), some.end());
        }
        const auto now = sql_value(clock_.now());
        for (const RunId& run : runs) {
            session.execute(
                "UPDATE runs SET message_due_at = CASE WHEN $2 - attempt_queued_at > $3"
                " THEN $2 + ($2 - attempt_queued_at) ELSE $2 + $3 END WHERE run_id = $1",
                {run.value, now, std::chrono::microseconds(lost_after_).count()});
        }
    });
    return runs;
}

std::vector<DueMessages::Choice> DueMessages::choices(std::size_t most, const HeldRuns& held) {
    std::vector<Choice> choices{{held.revisions, false, most}};
    choices.front().revisions.insert(held.doubtful_revisions.begin(), held.doubtful_revisions.end());
    for (const Revision& revision : held.doubtful_revisions) {
        choices.push_back({{revision}, true, 1});
    }
    return choices;
}

std::vector<RunId> DueMessages::due(SqlSession& session, const Choice& choice, bool locked) {
    std::vector<SqlValue> values{cluster_, sql_value(clock_.now()), static_cast<std::int64_t>(choice.most)};
    std::string condition;
    if (!choice.revisions.empty()) {
        condition = fmt::format(" AND (phase = 'waiting' AND {}) IS {}TRUE",
                                made_of_any(choice.revisions, values), choice.is_of_them ? "" : "NOT ");
    }
    std::vector<RunId> runs;
    session.query(
        fmt::format("SELECT run_id FROM runs WHERE cluster = $1 AND message_due_at <= $2 AND {}{}"
                    " ORDER BY message_due_at, attempt_queued_at, run_id LIMIT $3{}",
                    unfinished, condition, locked ? session.dialect().for_update_skip_locked() : ""),
        values, [&](const SqlRow& row) { runs.push_back({row.text(0)}); });
    return runs;
}

void DueMessages::put_back(const std::vector<RunId>& runs) {
    database_.write([&](SqlSession& session) {
        for (const RunId& run : runs) {
            session.execute("UPDATE runs SET message_due_at = 0 WHERE run_id = $1", {run.value});
        }
    });
}

void DueMessages::put_back_all() {
    database_.write([&](SqlSession& session) {
        session.execute(
            fmt::format("UPDATE runs SET message_due_at = 0 WHERE cluster = $1 AND {}", unfinished),
            {cluster_});
    });
}

}  // namespace flotilla

#include "queue/sqs/due_messages.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "store/sql_values.hpp"

namespace flotilla {

namespace {

/// As the condition of the index on `message_due_at` has it.
constexpr std::string_view unfinished = "engine = 'ecs' AND phase IN ('waiting', 'submitting')";

}  // namespace

std::vector<RunId> DueMessages::take(std::size_t most) {
    bool is_any = false;
    database_.read([&](SqlSession& session) { is_any = !due(session, 1, false).empty(); });
    std::vector<RunId> runs;
    if (!is_any) {
        return runs;
    }
    database_.write([&](SqlSession& session) {
        runs = due(session, most, true);
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

std::vector<RunId> DueMessages::due(SqlSession& session, std::size_t most, bool locked) {
    std::vector<RunId> runs;
    session.query(fmt::format("SELECT run_id FROM runs WHERE cluster = $1 AND message_due_at <= $2 AND {}"
                              " ORDER BY message_due_at, attempt_queued_at, run_id LIMIT $3{}",
                              unfinished, locked ? session.dialect().for_update_skip_locked() : ""),
                  {cluster_, sql_value(clock_.now()), static_cast<std::int64_t>(most)},
                  [&](const SqlRow& row) { runs.push_back({row.text(0)}); });
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

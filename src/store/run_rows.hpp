#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/lifecycle.hpp"
#include "core/run.hpp"
#include "core/run_summary.hpp"
#include "store/page_size.hpp"
#include "store/sql.hpp"

namespace flotilla {

/// How runs stand in the tables `runs` and `attempts`; the one place that knows all columns. Some statements
/// of the store and the queue name one or the other.

/// Of runs whose attempt an engine has or may have; the conditions of the partial indexes on live runs, word
/// for word.
inline constexpr std::string_view live_sql = "phase IN ('submitting', 'pending', 'running')";
/// Of runs that are not over.
inline constexpr std::string_view unfinished_sql = "(status <> 'STOPPED' OR phase <> 'ended')";

void insert_run(SqlSession& session, const Run& run);

/// Runs for which `condition` (the text after FROM runs, such as `WHERE ...`) holds. Where `size` is given
/// they count for it, and it may throw.
[[nodiscard]] std::vector<Run> select_runs(SqlSession& session, std::string_view condition,
                                           const std::vector<SqlValue>& values, PageSize* size = nullptr);

/// The same for `runs` joined with another table: `from` stands after FROM.
[[nodiscard]] std::vector<Run> select_runs_from(SqlSession& session, std::string_view from,
                                                std::string_view condition,
                                                const std::vector<SqlValue>& values,
                                                PageSize* size = nullptr);

/// As `select_runs`, but no more of each run than its summary.
[[nodiscard]] std::vector<RunSummary> select_run_summaries(SqlSession& session, std::string_view condition,
                                                           const std::vector<SqlValue>& values);

/// The run with its earlier attempts.
[[nodiscard]] std::optional<Run> select_run(SqlSession& session, const RunId& id);

/// The same, which nobody else changes or removes before this transaction ends.
[[nodiscard]] std::optional<Run> select_run_for_update(SqlSession& session, const RunId& id);

/// A run after a change, and where it stood before.
struct AdvancedRun {
    Run run;
    RunState before;
};

/// Applies the change to the stored run; nothing if it does not exist. This is the only way a stored run
/// changes.
std::optional<AdvancedRun> advance_run(SqlSession& session, const RunId& id, const RunChange& change);

}  // namespace flotilla

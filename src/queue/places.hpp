#pragma once

#include <string_view>
#include <tuple>

#include "queue/turns.hpp"
#include "store/sql.hpp"

namespace flotilla {

/// A run in its owner's line: by age.
struct Place {
    TimePoint queued_at;
    WaitingRun run;
    bool operator<(const Place& other) const {
        return std::tie(queued_at, run.id) < std::tie(other.queued_at, other.run.id);
    }
};

/// The columns of `runs` that `place_in` reads, the first of a row.
constexpr std::string_view place_columns =
    "run_id, memory, cpu, gpu, ports, passed_since, attempt_queued_at, definition_id, definition_arn";
constexpr int place_column_count = 9;
[[nodiscard]] Place place_in(const SqlRow& row);

}  // namespace flotilla

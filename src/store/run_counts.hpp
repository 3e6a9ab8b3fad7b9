#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/list_query.hpp"
#include "store/sql.hpp"

namespace flotilla {

// The database itself keeps count of the runs of each group, owner, cluster and definition, in the table
// run_counts.

struct GroupCount {
    std::string group;
    std::int64_t runs = 0;
};

/// The groups that have runs, sorted by bytes; nothing if they are more than `most`.
[[nodiscard]] std::optional<std::vector<GroupCount>> count_groups(SqlSession& session, std::int64_t most);

/// How many runs there are in all, or of any of some groups, owners, clusters or definitions, if that is what
/// the query asks for.
[[nodiscard]] std::optional<std::int64_t> kept_count(SqlSession& session, const ListQuery& query);

}  // namespace flotilla

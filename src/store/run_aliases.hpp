#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/list_query.hpp"
#include "store/sql.hpp"

namespace flotilla {

// A part of an alias is looked for among the aliases of runs, not among the runs.

/// The aliases that have what the query asks to be a part of them, sorted by bytes; nothing if it asks for no
/// part, or if there are too many aliases to look at each.
[[nodiscard]] std::optional<std::vector<std::string>> aliases_of(SqlSession& session, const ListQuery& query);

/// The query without its conditions on parts of aliases, for runs with these aliases alone.
[[nodiscard]] ListQuery with_aliases(const ListQuery& query, const std::vector<std::string>& aliases);

}  // namespace flotilla

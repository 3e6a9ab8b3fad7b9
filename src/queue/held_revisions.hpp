#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/run.hpp"
#include "store/sql.hpp"

namespace flotilla {

/// The SQL condition that a row of `runs` was made of one of these, and not of none: what it is for has to
/// look at what it finds too, as beyond a thousand of them the others are left out. Adds to `values` what it
/// names.
[[nodiscard]] std::string made_of_any(const std::set<Revision>& revisions, std::vector<SqlValue>& values);

}  // namespace flotilla

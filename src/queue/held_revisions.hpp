#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/run.hpp"
#include "store/sql.hpp"

namespace flotilla {

/// The SQL condition that a row of `runs` was made of one of these, of which there is at least one. Beyond a
/// thousand the others are left out: whoever asks has to look at what is found, too. Adds to `values` what it
/// names.
[[nodiscard]] std::string made_of_any(const std::set<Revision>& revisions, std::vector<SqlValue>& values);

}  // namespace flotilla

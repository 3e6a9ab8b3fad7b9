#include "queue/held_revisions.hpp"

#include <bit>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace flotilla {

namespace {

constexpr std::size_t most_named = 1024;

}  // namespace

std::string made_of_any(const std::set<Revision>& revisions, std::vector<SqlValue>& values) {
    std::vector<std::string> rows;
    const auto name = [&](const Revision& revision) {
        rows.push_back(fmt::format("(${}, ${})", values.size() + 1, values.size() + 2));
        values.emplace_back(revision.definition.value);
        values.emplace_back(revision.arn);
    };
    for (auto revision = revisions.begin(); revision != revisions.end() && rows.size() < most_named;
         ++revision) {
        name(*revision);
    }
    // As few statements as there are powers of two: each is prepared once.
    for (const auto wanted = std::bit_ceil(rows.size()); rows.size() < wanted;) {
        name(*revisions.begin());
    }
    return fmt::format("(definition_id, definition_arn) IN (VALUES {})", fmt::join(rows, ", "));
}

}  // namespace flotilla

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/guarded.hpp"
#include "store/list_sql.hpp"
#include "store/sql.hpp"

namespace flotilla {

struct RunTotal {
    std::int64_t count = 0;
    bool is_estimate = false;
};

/// How many runs match: exact up to `most_exact`, above an estimate, as counting costs as much as there are.
/// What took long to count is remembered for a second, an estimate for a minute. Safe to call from any
/// thread.
class RunTotals {
public:
    static constexpr std::int64_t most_exact = 100'000;

    /// `where` as `where_clause` makes it; `rows`, where it is given, is a query that answers a row for each
    /// match and costs less than `SELECT 1 FROM runs` with it.
    [[nodiscard]] RunTotal of(SqlSession& session, const SqlText& where,
                              const std::optional<SqlText>& rows = {});
    /// An estimate, whatever the number; remembered, too.
    [[nodiscard]] RunTotal estimate(SqlSession& session, const SqlText& where);

private:
    void remember(const std::string& key, const RunTotal& total);

    struct Known {
        RunTotal total;
        std::chrono::steady_clock::time_point at;
    };
    Guarded<std::unordered_map<std::string, Known>> known_;  ///< by the condition with its values
};

}  // namespace flotilla

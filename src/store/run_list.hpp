#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/list_query.hpp"
#include "core/run.hpp"
#include "store/run_totals.hpp"
#include "store/sql.hpp"

namespace flotilla {

/// Whether runs may have to be looked at one by one to answer the query: it asks for what no index tells, for
/// several things at once, or for what comes after very many.
[[nodiscard]] bool may_take_long(const ListQuery& query);

/// The runs that a query asks for. Which groups and aliases it means is looked up once.
class RunList {
public:
    /// The query outlives this object.
    explicit RunList(const ListQuery& query) : query_(query) {}

    /// How many they are, without `limit`, `offset` and `after`.
    [[nodiscard]] RunTotal total(SqlSession& session, RunTotals& totals);
    /// An estimate of it, which is had at once.
    [[nodiscard]] RunTotal estimated_total(SqlSession& session, RunTotals& totals) const;

    /// Sets the items of the page, whose total is known, and the next cursor. In each database every order is
    /// that of an index, so that the page costs what it holds: runs that lack the field that is sorted by are
    /// looked for apart, and so is each of several values of a field.
    void add_items(SqlSession& session, Page<Run>& page);

private:
    using Names = std::optional<std::vector<std::string>>;
    const Names& groups(SqlSession& session);
    const Names& aliases(SqlSession& session);

    const ListQuery& query_;
    std::optional<Names> groups_;
    std::optional<Names> aliases_;
};

}  // namespace flotilla

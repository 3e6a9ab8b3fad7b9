#include "store/run_totals.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/overloaded.hpp"
#include "store/sql_lookup.hpp"

namespace flotilla {

namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds remembered_for{1};
constexpr std::chrono::seconds estimate_remembered_for{60};
constexpr std::int64_t worth_remembering = 5'000;
constexpr std::size_t most_remembered = 1'000;

std::string key_of(const SqlText& where) {
    std::string key = where.sql;
    for (const SqlValue& value : where.values) {
        key += '\0';
        key += std::visit(Overloaded{[](std::nullptr_t) { return std::string(); },
                                     [](std::int64_t number) { return std::to_string(number); },
                                     [](const std::string& text) { return text; }},
                          value);
    }
    return key;
}

/// What the planner expects, which it has of its statistics: `... rows=1234 width=...`.
std::int64_t planned(SqlSession& session, const SqlText& where) {
    std::int64_t rows = 0;
    session.query("EXPLAIN SELECT run_id FROM runs" + where.sql, where.values, [&](const SqlRow& row) {
        constexpr std::string_view mark = "rows=";
        const std::string line = row.text(0);
        const auto at = line.find(mark);
        if (rows == 0 && at != std::string::npos) {
            std::from_chars(line.data() + at + mark.size(), line.data() + line.size(), rows);
        }
    });
    return rows;
}

/// The part of a sample that matches, times all: some rows each at places all over the table, found by their
/// rowid, as an index of what is asked for would be walked whole.
std::int64_t sampled(SqlSession& session, const SqlText& where) {
    constexpr std::int64_t places = 64;
    constexpr std::int64_t rows_a_place = 32;
    const auto last = number_of(session, "SELECT COALESCE(MAX(rowid), 0) FROM runs");
    if (where.sql.empty() || last <= 0) {
        return last;
    }
    SqlText text = where;
    const auto from = text.bind(std::int64_t{0});
    const auto to = text.bind(std::int64_t{0});
    const auto sql = fmt::format("SELECT COUNT(*) FROM runs NOT INDEXED{} AND rowid >= {} AND rowid < {}",
                                 where.sql, from, to);
    std::int64_t matches = 0;
    for (std::int64_t place = 0; place < places; ++place) {
        const auto first = last * place / places + 1;
        text.values[text.values.size() - 2] = first;
        text.values[text.values.size() - 1] = first + rows_a_place;
        matches += number_of(session, sql, text.values);
    }
    return last * matches / (places * rows_a_place);
}

std::int64_t estimated(SqlSession& session, const SqlText& where) {
    return session.dialect().kind() == SqlKind::postgres ? planned(session, where) : sampled(session, where);
}

RunTotal counted(SqlSession& session, const SqlText& where, const std::optional<SqlText>& rows) {
    SqlText text = rows ? *rows : SqlText{"SELECT 1 FROM runs" + where.sql, where.values};
    const auto most = text.bind(RunTotals::most_exact + 1);
    const auto count = number_of(
        session, fmt::format("SELECT COUNT(*) FROM ({} LIMIT {}) AS matching", text.sql, most), text.values);
    if (count <= RunTotals::most_exact) {
        return {count, false};
    }
    return {std::max(estimated(session, where), count), true};
}

}  // namespace

RunTotal RunTotals::of(SqlSession& session, const SqlText& where, const std::optional<SqlText>& rows) {
    const auto key = key_of(where);
    {
        auto known = known_.lock();
        const auto found = known->find(key);
        if (found != known->end()) {
            const auto& [total, at] = found->second;
            if (steady_clock::now() - at < (total.is_estimate ? estimate_remembered_for : remembered_for)) {
                return total;
            }
        }
    }
    const RunTotal total = counted(session, where, rows);
    if (total.count >= worth_remembering) {
        remember(key, total);
    }
    return total;
}

RunTotal RunTotals::estimate(SqlSession& session, const SqlText& where) {
    const RunTotal total{estimated(session, where), true};
    remember(key_of(where), total);
    return total;
}

void RunTotals::remember(const std::string& key, const RunTotal& total) {
    auto known = known_.lock();
    if (known->size() >= most_remembered) {
        known->clear();
    }
    (*known)[key] = {total, steady_clock::now()};
}

}  // namespace flotilla

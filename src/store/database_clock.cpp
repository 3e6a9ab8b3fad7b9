#include "store/database_clock.hpp"

#include <fmt/format.h>

namespace flotilla {

namespace {

/// A look that took longer says too little.
constexpr std::chrono::microseconds longest_look = std::chrono::milliseconds{200};
constexpr int most_looks = 3;

}  // namespace

DatabaseClock::DatabaseClock(SqlDatabase& database, Clock& host) : database_(database), host_(host) {
    look();
}

TimePoint DatabaseClock::now() {
    return TimePoint(elapsed() + std::chrono::microseconds(ahead_));
}

void DatabaseClock::look() {
    for (int looks = 0; looks < most_looks; ++looks) {
        std::chrono::microseconds before{};
        std::chrono::microseconds shown{};
        database_.read([&](SqlSession& session) {
            session.query("SELECT 1", {}, [](const SqlRow&) {});  // the transaction has begun
            before = elapsed();
            session.query(fmt::format("SELECT {}", session.dialect().now()), {},
                          [&](const SqlRow& row) { shown = std::chrono::microseconds(row.integer(0)); });
        });
        const auto took = elapsed() - before;
        if (took <= longest_look || looks + 1 == most_looks) {
            ahead_ = (shown - (before + took / 2)).count();
            return;
        }
    }
}

}  // namespace flotilla

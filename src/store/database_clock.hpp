#pragma once

#include <atomic>

#include "base/clock.hpp"
#include "store/sql.hpp"

namespace flotilla {

/// The database's clock: what all its servers tell the time by, whatever the clocks of their hosts show and
/// however they are set. Between two looks at it, time goes on evenly.
class DatabaseClock final : public Clock {
public:
    /// Looks at it; `host` is the clock of this host. Throws `unavailable` if the database cannot be reached.
    /// Both outlive this object.
    DatabaseClock(SqlDatabase& database, Clock& host);

    TimePoint now() override;
    std::chrono::microseconds elapsed() override { return host_.elapsed(); }
    [[nodiscard]] bool is_shared() const override { return true; }
    TimePoint from_host(TimePoint time) override { return time + (now() - host_.now()); }

    /// Looks at it again. Throws `unavailable` if the database cannot be reached.
    void look();

private:
    SqlDatabase& database_;
    Clock& host_;
    std::atomic<std::int64_t> ahead_ = 0;  ///< of `elapsed`, in microseconds
};

}  // namespace flotilla

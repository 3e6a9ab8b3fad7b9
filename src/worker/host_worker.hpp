#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/fence.hpp"
#include "base/random.hpp"
#include "base/wake.hpp"
#include "core/retry.hpp"
#include "store/database_clock.hpp"
#include "store/host_store.hpp"
#include "worker/worker.hpp"

namespace flotilla {

struct HostWorkerOptions {
    std::string id;           ///< of this host
    std::string incarnation;  ///< of this process
    std::chrono::microseconds lost_after{};
    RetryRules retry;
};

/// Says now and then that this host is there, and gives up hosts that were not heard of for longer than they
/// themselves say that they may be silent: what they had ends `host_lost` and, where it surely had not
/// started, is tried again. One that seems silent is watched for some more of its beats first, as the
/// database's clock may have been set. Keeps the fence of this host open for as long as no other server can
/// have given it up.
class HostWorker final : public Worker {
public:
    HostWorker(HostStore& hosts, DatabaseClock& clock, Random& random, Fence& fence,
               HostWorkerOptions options)
        : hosts_(hosts), clock_(clock), random_(random), fence_(fence), options_(std::move(options)) {}

    /// Whom to wake when this host comes back after it was given up.
    void on_return(std::vector<Wake*> wakes) { on_return_ = std::move(wakes); }

    bool step(const std::stop_token& stop) override;
    std::chrono::microseconds rest() override;

private:
    struct Silence {
        TimePoint seen_at;                  ///< when it was last heard of, by the database's clock
        std::chrono::microseconds since{};  ///< when that was found, by `elapsed`
    };

    void beat();
    [[nodiscard]] std::chrono::microseconds lease_of(const HostEntry& host) const;
    /// Whether it has been silent for some of its beats since it was found so.
    [[nodiscard]] bool stays_silent(const HostEntry& host);
    void give_up(const HostEntry& host);

    HostStore& hosts_;
    DatabaseClock& clock_;
    Random& random_;
    Fence& fence_;
    HostWorkerOptions options_;
    std::vector<Wake*> on_return_;
    std::map<std::string, Silence> silences_;  ///< by the host's id
    bool is_taken_ = false;                    ///< another server has this host's data folder
};

}  // namespace flotilla

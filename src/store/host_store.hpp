#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/lifecycle.hpp"
#include "core/run.hpp"

namespace flotilla {

/// A server that speaks for a host: a data folder, whose id it has.
struct HostEntry {
    std::string id;
    std::string address;                     ///< how the other servers reach it
    std::chrono::microseconds age;           ///< since it was last heard of
    TimePoint seen_at;                       ///< when that was
    std::chrono::microseconds lost_after{};  ///< how long it may be silent, as it says itself; 0: it does not
    bool is_lost = false;                    ///< it was given up, and what it had was ended
};

/// What a server learns when it says that it is there.
enum class HostState {
    known,  ///< all is well
    lost,   ///< it was given up meanwhile: what it had is no longer its own
    taken,  ///< another server speaks for the same data folder
};

/// The hosts whose servers share a database. All times are those of the database's clock, so that the clocks
/// of hosts may differ. Safe to call from any thread; throws `unavailable` when the database cannot be
/// reached.
class HostStore {
public:
    HostStore() = default;
    HostStore(const HostStore&) = delete;
    HostStore& operator=(const HostStore&) = delete;
    virtual ~HostStore() = default;

    /// A server begins to speak for a host, which may be silent for `lost_after`; `incarnation` names its
    /// process.
    virtual void enter(const std::string& id, const std::string& address, const std::string& incarnation,
                       std::chrono::microseconds lost_after) = 0;
    /// It is still there.
    virtual HostState beat(const std::string& id, const std::string& incarnation) = 0;
    [[nodiscard]] virtual std::optional<HostEntry> find(const std::string& id) = 0;
    /// The hosts that were not heard of for longer than they may be silent (`usual` if they do not say) and
    /// are not given up, or still have a live attempt.
    [[nodiscard]] virtual std::vector<HostEntry> silent(std::chrono::microseconds usual) = 0;
    /// Ends some of the live attempts of a host that was not heard of since it was found so, at most `most`,
    /// and notes that it is given up; those of which the host's engine was not asked yet may be tried again;
    /// the runs as stored afterwards. None: there are no more, or it was heard of.
    virtual std::vector<Run> give_up(const HostEntry& host, const Ended& end, std::int64_t most) = 0;
    /// All live attempts are this host's: there is no other one.
    virtual void adopt_all(const std::string& id) = 0;
};

}  // namespace flotilla

#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/guarded.hpp"
#include "base/shared_work.hpp"
#include "base/waiting_place.hpp"
#include "net/aws/client.hpp"
#include "net/aws/optional_actions.hpp"

namespace flotilla {

/// What ECS says of a cluster.
struct ClusterState {
    std::string name;
    std::string status;  ///< `ACTIVE`, ...
    std::int64_t container_instances = 0;

    [[nodiscard]] bool is_active() const { return status == "ACTIVE"; }
};

/// The ECS clusters of the account. Safe to call from any thread.
class AccountClusters {
public:
    AccountClusters(AwsClient& aws, Clock& clock, OptionalActions& optional)
        : aws_(aws), clock_(clock), optional_(optional) {}

    /// The names of all that are active, in order; nothing if AWS lets nobody list them. Throws `Error`.
    [[nodiscard]] std::optional<std::vector<std::string>> names(const AwsClient::Limits& limits);
    /// Why they could not be listed when that was tried last; nothing if they could.
    [[nodiscard]] std::optional<std::string> trouble() { return *trouble_.lock(); }
    /// What is known of these, of those that exist. Throws `Error`.
    [[nodiscard]] std::vector<ClusterState> describe(const std::vector<std::string>& clusters,
                                                     const AwsClient::Limits& limits);
    /// Whether ECS says that there is none of that name, or none that is active. That one is there is
    /// remembered for 15 minutes, and taken to be so while ECS cannot be asked: nobody waits long for ECS
    /// here, and where it did not answer it is left alone for half a minute.
    [[nodiscard]] bool is_missing(const std::string& cluster);
    /// The memory in MiB of the largest instance of a cluster, as it was in the last 15 minutes; nothing if
    /// it has none, or cannot be asked, for which nobody waits long either.
    [[nodiscard]] std::optional<std::int64_t> largest_instance(const std::string& cluster);

private:
    using Memory = std::optional<std::int64_t>;
    struct Largest {
        Memory memory;
        std::chrono::microseconds asked_at;  ///< `Clock::elapsed`
    };

    /// All elements of the answers' list of that name.
    [[nodiscard]] std::vector<std::string> list_all(const std::string& operation, boost::json::object input,
                                                    std::string_view name, const AwsClient::Limits& limits);
    [[nodiscard]] Memory ask_largest(const std::string& cluster);
    /// What `ask` gives, for a user who waits; nothing if ECS does not answer, or did not a moment ago.
    template <typename Ask>
    auto asked_for_a_user(Ask ask) -> std::optional<decltype(ask())>;
    [[nodiscard]] bool was_silent();

    AwsClient& aws_;
    Clock& clock_;
    OptionalActions& optional_;
    Guarded<std::map<std::string, Largest>> largest_;                    ///< by cluster
    Guarded<std::map<std::string, std::chrono::microseconds>> seen_at_;  ///< when each was active last
    Guarded<std::optional<std::string>> trouble_;
    static constexpr std::ptrdiff_t most_waiting = 24;  ///< threads, of some 64 that handle requests
    WaitingPlaces waiting_{most_waiting};
    SharedWork<std::vector<ClusterState>> state_asks_;                ///< by cluster
    SharedWork<Memory> largest_asks_;                                 ///< likewise
    Guarded<std::optional<std::chrono::microseconds>> silent_since_;  ///< `Clock::elapsed`
};

}  // namespace flotilla

#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/guarded.hpp"
#include "net/aws/client.hpp"
#include "net/aws/optional_actions.hpp"

namespace flotilla {

/// What ECS says of a cluster.
struct ClusterState {
    std::string name;
    std::string arn;
    std::string status;  ///< `ACTIVE`, ...
    std::int64_t container_instances = 0;
};

/// The ECS clusters of the account. Safe to call from any thread.
class AccountClusters {
public:
    AccountClusters(AwsClient& aws, Clock& clock, OptionalActions& optional)
        : aws_(aws), clock_(clock), optional_(optional) {}

    /// The names of all that are active. Throws `Error`.
    [[nodiscard]] std::vector<std::string> names();
    /// What is known of these, of those that exist. Throws `Error`.
    [[nodiscard]] std::vector<ClusterState> describe(const std::vector<std::string>& clusters);
    /// The memory in MiB of the largest instance of a cluster, as it was in the last 15 minutes; nothing if
    /// it has none, or cannot be asked.
    [[nodiscard]] std::optional<std::int64_t> largest_instance(const std::string& cluster);

private:
    struct Largest {
        std::optional<std::int64_t> memory;
        std::chrono::microseconds asked_at;  ///< `Clock::elapsed`
    };

    /// All elements of the answers' list of that name.
    [[nodiscard]] std::vector<std::string> list_all(const std::string& operation, boost::json::object input,
                                                    std::string_view name);
    [[nodiscard]] std::optional<std::int64_t> ask_largest(const std::string& cluster);

    AwsClient& aws_;
    Clock& clock_;
    OptionalActions& optional_;
    Guarded<std::map<std::string, Largest>> largest_;  ///< by cluster
};

}  // namespace flotilla

#pragma once

#include <chrono>
#include <map>
#include <string>

#include "base/guarded.hpp"
#include "core/run.hpp"
#include "net/aws/client.hpp"
#include "net/aws/optional_actions.hpp"

namespace flotilla {

/// Which EC2 instances the container instances of clusters are, and their names. What was found is
/// remembered; what cannot be asked now is empty. Safe to call from any thread.
class Instances {
public:
    Instances(AwsClient& aws, Clock& clock, OptionalActions& optional)
        : aws_(aws), clock_(clock), optional_(optional) {}

    [[nodiscard]] Instance find(const std::string& cluster, const std::string& container_instance);

private:
    struct Known {
        Instance instance;
        std::chrono::microseconds asked_at;  ///< `Clock::elapsed`
    };

    [[nodiscard]] Instance ask(const std::string& cluster, const std::string& container_instance);
    [[nodiscard]] std::string dns_name_of(const std::string& ec2_instance);

    AwsClient& aws_;
    Clock& clock_;
    OptionalActions& optional_;
    Guarded<std::map<std::string, Known>> known_;  ///< by the ARN of the container instance
};

}  // namespace flotilla

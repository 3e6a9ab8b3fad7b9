#pragma once

#include <map>
#include <string>

namespace flotilla {

/// One of AWS's services, as it is spoken to.
struct AwsService {
    std::string name;      ///< of its actions in policies and of its signatures, such as `ecs`
    std::string endpoint;  ///< what its host name begins with
    std::string variable;  ///< what `AWS_ENDPOINT_URL_` is followed by
    std::string target;    ///< what X-Amz-Target begins with; empty: the Query protocol
    std::string version;   ///< of JSON, or of the Query protocol's API
    std::string region{};  ///< where it is asked; empty: in the client's own
};

extern const AwsService ecs_service;
extern const AwsService sqs_service;
extern const AwsService logs_service;
extern const AwsService events_service;
extern const AwsService ec2_service;
extern const AwsService ecr_service;
extern const AwsService sts_service;

/// Where a service is spoken to in a region, a URL with a slash at its end: what the environment names,
/// `AWS_ENDPOINT_URL_<variable>` before `AWS_ENDPOINT_URL`, else AWS's own. See
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
[[nodiscard]] std::string aws_endpoint(const AwsService& service, const std::string& region,
                                       const std::map<std::string, std::string>& environment);

}  // namespace flotilla

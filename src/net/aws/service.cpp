#include "net/aws/service.hpp"

#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace flotilla {

const AwsService ecs_service{"ecs", "ecs", "ECS", "AmazonEC2ContainerServiceV20141113", "1.1"};
const AwsService sqs_service{"sqs", "sqs", "SQS", "AmazonSQS", "1.0"};
const AwsService logs_service{"logs", "logs", "CLOUDWATCH_LOGS", "Logs_20140328", "1.1"};
const AwsService events_service{"events", "events", "EVENTBRIDGE", "AWSEvents", "1.1"};
const AwsService ec2_service{"ec2", "ec2", "EC2", "", "2016-11-15"};
const AwsService ecr_service{"ecr", "api.ecr", "ECR", "AmazonEC2ContainerRegistry_V20150921", "1.1"};
const AwsService sts_service{"sts", "sts", "STS", "", "2011-06-15"};

namespace {

/// What host names end with, by what regions begin with; see `partitions.json` of AWS's own programs.
std::string_view domain_of(std::string_view region) {
    using namespace std::string_view_literals;
    constexpr std::array domains{
        std::pair{"cn-"sv, "amazonaws.com.cn"sv},    std::pair{"us-iso-"sv, "c2s.ic.gov"sv},
        std::pair{"us-isob-"sv, "sc2s.sgov.gov"sv},  std::pair{"us-isof-"sv, "csp.hci.ic.gov"sv},
        std::pair{"eu-isoe-"sv, "cloud.adc-e.uk"sv}, std::pair{"eusc-"sv, "amazonaws.eu"sv}};
    for (const auto& [beginning, domain] : domains) {
        if (region.starts_with(beginning)) {
            return domain;
        }
    }
    return "amazonaws.com";
}

}  // namespace

std::string aws_endpoint(const AwsService& service, const std::string& region,
                         const std::map<std::string, std::string>& environment) {
    for (const std::string& name :
         {"AWS_ENDPOINT_URL_" + service.variable, std::string("AWS_ENDPOINT_URL")}) {
        const auto said = environment.find(name);
        if (said != environment.end() && !said->second.empty()) {
            return said->second + (said->second.ends_with('/') ? "" : "/");
        }
    }
    return fmt::format("https://{}.{}.{}/", service.endpoint, region, domain_of(region));
}

}  // namespace flotilla

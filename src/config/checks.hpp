#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "config/declaration.hpp"

/// What values may be, said once in words and once as a function.
namespace flotilla::settings {

/// The engines that this version has.
inline constexpr std::array built_engines{"local", "docker", "ecs"};
[[nodiscard]] bool is_built_engine(const std::string& engine);
/// All that the configuration knows by name.
[[nodiscard]] std::vector<std::string> known_engines();
[[nodiscard]] std::vector<std::string> known_engines_and_auto();

[[nodiscard]] Check<std::int64_t> between(std::int64_t least, std::int64_t most);
[[nodiscard]] Check<std::chrono::seconds> seconds_between(std::int64_t least, std::int64_t most);
/// At least `least` and at most a year.
[[nodiscard]] Check<std::chrono::milliseconds> at_least(std::chrono::milliseconds least);
[[nodiscard]] Check<ByteSize> at_least_bytes(std::int64_t least);

[[nodiscard]] Check<std::string> not_empty(const std::string& expected);
/// As SQS has it: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
[[nodiscard]] Check<std::string> queue_name();
/// What names of queues begin with, to which `_parked` is added.
[[nodiscard]] Check<std::string> queue_namespace();
/// As EventBridge has it: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
[[nodiscard]] Check<std::string> rule_name();
/// As CloudWatch has it:
/// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
[[nodiscard]] Check<std::string> log_group();
/// Of the 512 characters of a log stream's name up to 255 are the container's, and 32 the task's id. See
/// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html
[[nodiscard]] Check<std::string> stream_prefix();
[[nodiscard]] Check<std::string> aws_region();
[[nodiscard]] Check<std::string> one_of(const std::vector<std::string>& words);
/// Whether the server sets an environment variable of every run by itself.
[[nodiscard]] bool is_reserved_variable(const std::string& name);
/// A name for an environment variable that the server does not set itself.
[[nodiscard]] Check<std::string> owner_variable();
[[nodiscard]] Check<std::string> database_url();
[[nodiscard]] Check<std::string> empty_or_url();
[[nodiscard]] Check<std::string> url_path();
/// IPv4 in CIDR notation (RFC 4632), /8 to /29.
[[nodiscard]] Check<std::string> subnet();

[[nodiscard]] Check<std::vector<std::string>> each_one_of(const std::vector<std::string>& words);
/// `*` or a web origin (RFC 6454): scheme, host and port.
[[nodiscard]] Check<std::vector<std::string>> each_origin();
/// `*` or a name without scheme, port and path.
[[nodiscard]] Check<std::vector<std::string>> each_host();
[[nodiscard]] Check<std::vector<std::string>> each_registry();
[[nodiscard]] Check<TextPairs> each_to_url();

}  // namespace flotilla::settings

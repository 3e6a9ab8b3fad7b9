#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "net/aws/client.hpp"

namespace flotilla {

/// How far a log stream of CloudWatch was read.
struct LogPlace {
    std::string token{};     ///< AWS's own, which counts for 24 hours; empty: nothing was read
    std::int64_t time = 0;   ///< of the last event, in milliseconds since 1970
    std::int64_t count = 0;  ///< how many events of that time were read
};

/// The next events of a log stream.
struct LogEvents {
    std::string text;  ///< their messages, each with a newline at its end
    LogPlace end;      ///< where they end; with the token of before: nothing has come
};

/// Where the driver `awslogs` writes.
struct LogLocation {
    std::string group;
    std::string stream_prefix;

    /// `<group>:<prefix>`: no name of a group has a colon.
    [[nodiscard]] std::string text() const { return group + ":" + stream_prefix; }
    [[nodiscard]] static LogLocation parsed(const std::string& text);
    /// The name of the stream of a task's only container: `<prefix>/<container>/<task id>`.
    [[nodiscard]] std::string stream_of(const std::string& container, const std::string& task_arn) const;
};

/// Events after a place, which is found by its time where its token counts no more; nothing while there is no
/// such stream. Throws `Error`. See
/// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
[[nodiscard]] std::optional<LogEvents> read_log_stream(AwsClient& aws, const std::string& group,
                                                       const std::string& stream, const LogPlace& from);

}  // namespace flotilla

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/guarded.hpp"
#include "net/aws/client.hpp"
#include "net/aws/optional_actions.hpp"

namespace flotilla {

/// The log group of CloudWatch that tasks write to. Safe to call from any thread.
class LogGroup {
public:
    struct Options {
        std::string name;
        std::int64_t retention_days = 0;  ///< or the next number that CloudWatch knows; 0: for ever
        bool is_made_by_tasks = false;    ///< a task whose group is not there makes it
    };
    /// What is passed by reference outlives this object.
    LogGroup(AwsClient& aws, OptionalActions& optional, Options options)
        : aws_(aws), optional_(optional), options_(std::move(options)) {}

    /// Makes the group if it does not exist, and has it keep what is written there for so long. Throws
    /// `Error`.
    void ensure(const AwsClient::Limits& limits);
    /// Makes it anew where somebody removed it since. Throws `Error`.
    void look_again();
    /// Why logs of the last minutes are lost, as was found at the last look; nothing if they are not.
    [[nodiscard]] std::optional<std::string> gap() { return *gap_.lock(); }
    /// Why no task could write its log, and so none could start: the group is known not to be there. Nothing
    /// if all is well.
    [[nodiscard]] std::optional<std::string> trouble() { return *trouble_.lock(); }

private:
    void make(const AwsClient::Limits& limits);
    [[nodiscard]] bool is_there(const AwsClient::Limits& limits);

    AwsClient& aws_;
    OptionalActions& optional_;
    Options options_;
    Guarded<std::optional<std::string>> trouble_;
    Guarded<std::optional<std::string>> gap_;
};

}  // namespace flotilla

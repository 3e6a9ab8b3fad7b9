#include "engine/ecs/task_starts.hpp"

#include <fmt/format.h>

#include "engine/ecs/task_definition.hpp"
#include "net/aws/json_fields.hpp"

namespace flotilla {

SubmitOutcome TaskStarts::start(const Task& task, const boost::json::object& request) {
    const Needs needs{.memory = task.memory, .cpu = task.cpu, .gpu = task.gpu, .ports = task.ports};
    try {
        auto outcome =
            run_task(aws_, cluster_, run_task_input(task.name, request, cluster_, settings_), needs);
        denied_.lock()->reset();
        return outcome;
    } catch (const AwsError& error) {
        if (error.is_denied()) {
            *denied_.lock() = error.what();
            return Refused{ExitClass::rejected, error.what()};
        }
        if (lacks_definition(error)) {
            return without_definition(task.name.run, aws::text(request, "taskDefinition"), error);
        }
        throw;
    }
}

/// Somebody else deregistered or deleted it.
SubmitOutcome TaskStarts::without_definition(const RunId& run, const std::string& definition,
                                             const Error& error) {
    const std::string removed = fmt::format("somebody else removed the task definition {}", definition);
    const auto of_all = [](std::string why) { return NotYet{std::move(why), NotYet::Concerns::revision}; };
    try {
        switch (renewals_.renew(run, definition)) {
            case DefinitionRenewals::Result::renewed:
                return NotYet{removed + ": another is registered"};
            case DefinitionRenewals::Result::under_way:
                return of_all(removed + ": it is being registered again");
            case DefinitionRenewals::Result::lost:
                break;
        }
    } catch (const Error& failure) {
        const std::string why =
            fmt::format("{}, and it cannot be registered again: {}", removed, failure.what());
        if (failure.kind() != ErrorKind::invalid) {
            return of_all(why);
        }
        return Refused{ExitClass::rejected, why};
    }
    return Refused{ExitClass::rejected,
                   fmt::format("{}, which no definition has now or which was just registered again: execute "
                               "it anew; {}",
                               removed, error.what())};
}

}  // namespace flotilla

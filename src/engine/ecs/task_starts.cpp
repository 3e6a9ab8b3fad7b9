#include "engine/ecs/task_starts.hpp"

#include <fmt/format.h>

#include "engine/ecs/task_definition.hpp"
#include "net/aws/json_fields.hpp"

namespace flotilla {

SubmitOutcome TaskStarts::start(const Task& task, const boost::json::object& request) {
    const std::string definition = aws::text(request, "taskDefinition");
    const bool may_be_started = unsure_.lock()->contains(task.name);
    if (auto why = pauses_.reason(definition); why && !may_be_started) {
        return NotYet{*std::move(why)};
    }
    unsure_.lock()->insert(task.name);
    auto outcome = ask(task, request, definition);
    unsure_.lock()->erase(task.name);
    return outcome;
}

SubmitOutcome TaskStarts::ask(const Task& task, const boost::json::object& request,
                              const std::string& definition) {
    const Needs needs{.memory = task.memory, .cpu = task.cpu, .gpu = task.gpu, .ports = task.ports};
    try {
        auto outcome =
            run_task(aws_, cluster_, run_task_input(task.name, request, cluster_, settings_), needs);
        denied_.lock()->reset();
        if (const auto* const not_yet = std::get_if<NotYet>(&outcome)) {
            pauses_.begin(definition, not_yet->reason);
        } else if (std::holds_alternative<TryLater>(outcome)) {
            pauses_.leave(definition);
        } else {
            pauses_.end(definition);
        }
        return outcome;
    } catch (const AwsError& error) {
        if (error.is_denied()) {
            *denied_.lock() = error.what();
            return Refused{ExitClass::rejected, error.what()};
        }
        if (lacks_definition(error)) {
            return without_definition(task.name.run, definition, error);
        }
        pauses_.leave(definition);
        throw;
    }
}

/// Somebody else deregistered or deleted it.
SubmitOutcome TaskStarts::without_definition(const RunId& run, const std::string& definition,
                                             const Error& error) {
    const std::string removed = fmt::format("somebody else removed the task definition {}", definition);
    const auto pause = [&](const std::string& why) {
        pauses_.begin(definition, why);
        return NotYet{why};
    };
    try {
        switch (renewals_.renew(run, definition)) {
            case DefinitionRenewals::Result::renewed:
                pauses_.end(definition);
                return NotYet{removed + ": another is registered"};
            case DefinitionRenewals::Result::under_way:
                return pause(removed + ": it is being registered again");
            case DefinitionRenewals::Result::lost:
                break;
        }
    } catch (const Error& failure) {
        const std::string why =
            fmt::format("{}, and it cannot be registered again: {}", removed, failure.what());
        if (failure.kind() != ErrorKind::invalid) {
            return pause(why);
        }
        pauses_.end(definition);
        return Refused{ExitClass::rejected, why};
    }
    pauses_.end(definition);
    return Refused{ExitClass::rejected,
                   fmt::format("{}, which no definition has now or which was just registered again: execute "
                               "it anew; {}",
                               removed, error.what())};
}

}  // namespace flotilla

#include "engine/ecs/task_starts.hpp"

#include <fmt/format.h>

#include "engine/ecs/task_definition.hpp"
#include "net/aws/json_fields.hpp"

namespace flotilla {

SubmitOutcome TaskStarts::start(const AttemptName& name, const boost::json::object& request) {
    try {
        auto outcome = run_task(aws_, cluster_, run_task_input(name, request, cluster_, settings_));
        denied_.lock()->reset();
        return outcome;
    } catch (const AwsError& error) {
        if (error.is_denied()) {
            *denied_.lock() = error.what();
            return Refused{ExitClass::rejected, error.what()};
        }
        if (lacks_definition(error)) {
            return without_definition(name.run, aws::text(request, "taskDefinition"), error);
        }
        throw;
    }
}

/// Somebody else deregistered or deleted it.
SubmitOutcome TaskStarts::without_definition(const RunId& run, const std::string& definition,
                                             const Error& error) {
    try {
        if (renew_(run, definition)) {
            return TryLater{fmt::format("somebody else removed the task definition {}: another is registered",
                                        definition)};
        }
    } catch (const Error& failure) {
        const std::string why = fmt::format(
            "somebody else removed the task definition {}, and it cannot be "
            "registered again: {}",
            definition, failure.what());
        if (failure.kind() != ErrorKind::invalid) {
            return TryLater{why};
        }
        return Refused{ExitClass::rejected, why};
    }
    return Refused{ExitClass::rejected,
                   fmt::format("somebody else removed the task definition {}, which no definition has now or "
                               "which was just registered again: execute it anew; {}",
                               definition, error.what())};
}

}  // namespace flotilla

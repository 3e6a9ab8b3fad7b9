#include "engine/run_access.hpp"

namespace flotilla {

std::vector<SecretVariable> RunAccess::values_for(const Task& task) {
    std::vector<SecretVariable> variables;
    if (!url_.empty()) {
        variables.push_back({.name = "FLOTILLA_URL", .value = url_, .masked = false});
    }
    if (tokens_) {
        // A log is read by more people than may speak for the run.
        variables.push_back(
            {.name = "FLOTILLA_RUN_TOKEN", .value = tokens_->token_of(task.name.run), .masked = true});
    }
    return variables;
}

}  // namespace flotilla

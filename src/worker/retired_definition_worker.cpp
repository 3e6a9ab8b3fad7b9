#include "worker/retired_definition_worker.hpp"

#include "base/error.hpp"
#include "base/log.hpp"

namespace flotilla {

bool RetiredDefinitionWorker::step(const std::stop_token& stop) {
    std::set<std::string> still;
    for (const std::string& arn : definitions_.retired()) {
        if (stop.stop_requested()) {
            return false;
        }
        if (!seen_.contains(arn)) {
            still.insert(arn);
            continue;
        }
        try {
            preparation_.deregister(arn);
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::invalid) {
                throw;
            }
            log_warning("{} cannot be let go of: {}", arn, error.what());  // it is not there any more
        }
        definitions_.forget_retired(arn);
    }
    seen_ = std::move(still);
    return false;
}

}  // namespace flotilla

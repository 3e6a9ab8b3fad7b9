#include "worker/retired_definition_worker.hpp"

#include "base/error.hpp"
#include "base/log.hpp"

namespace flotilla {

bool RetiredDefinitionWorker::step(const std::stop_token& stop) {
    const auto seen = std::exchange(seen_, {});
    std::optional<std::string> failure;
    for (const std::string& arn : definitions_.retired()) {
        if (stop.stop_requested()) {
            return false;
        }
        if (seen.contains(arn) && !failure) {
            failure = let_go(arn);
        }
        seen_.insert(arn);
    }
    if (!failure) {
        pause_.end();
        return false;
    }
    if (!pause_.reason()) {
        log_warning("what definitions were before stays for now: {}", *failure);
    }
    pause_.begin(*failure);
    return false;
}

std::optional<std::string> RetiredDefinitionWorker::let_go(const std::string& arn) {
    try {
        preparation_.deregister(arn);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::invalid) {
            return error.what();
        }
        log_warning("{} cannot be let go of: {}", arn, error.what());  // it is not there any more
    }
    definitions_.forget_retired(arn);
    return std::nullopt;
}

}  // namespace flotilla

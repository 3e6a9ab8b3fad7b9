#pragma once

#include <functional>
#include <future>
#include <map>
#include <string>

#include "base/guarded.hpp"
#include "core/id.hpp"

namespace flotilla {

/// A run's task definition of that ARN is not there any more: whether the run, as it is stored from here on,
/// names one that is. Throws `Error` if that cannot be done.
using RenewDefinition = std::function<bool(const RunId&, const std::string&)>;

/// Has task definitions made anew that somebody else removed, beside what goes on meanwhile: of each there is
/// one try at a time, for all its runs. Safe to call from any thread.
class DefinitionRenewals {
public:
    explicit DefinitionRenewals(RenewDefinition renew) : renew_(std::move(renew)) {}

    enum class Result { renewed, lost, under_way };
    /// What comes of the try that is under way, or of a new one; a result that nobody waited for is told to
    /// who asks next, where it is a failure only if a new try has no better one at once. Waits for a moment
    /// only. Throws `Error` if it cannot be done.
    [[nodiscard]] Result renew(const RunId& run, const std::string& definition);

private:
    using Tries = std::map<std::string, std::shared_future<bool>>;  ///< by ARN
    static void forget_others_that_ended(Tries& tries, const std::string& definition);
    void forget_ended(const std::string& definition);

    RenewDefinition renew_;
    Guarded<Tries> tries_;
};

}  // namespace flotilla

#pragma once

#include <chrono>
#include <map>
#include <string>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "base/shared_work.hpp"
#include "engine/preparation.hpp"
#include "store/definition_store.hpp"
#include "store/run_store.hpp"

namespace flotilla {

/// Makes objects anew that an engine keeps for definitions and that somebody else removed there, so that the
/// runs that name them go on: one try at a time for all runs of a definition. Safe to call from any thread.
class ObjectRenewal {
public:
    /// What is passed by reference outlives this object.
    ObjectRenewal(DefinitionStore& definitions, RunStore& runs, Preparation& preparation, Clock& clock)
        : definitions_(definitions), runs_(runs), preparation_(preparation), clock_(clock) {}

    /// The engine has the object `arn` no more, which the run names. Whether the run names one that is there
    /// from here on: not where its definition has another by now, and no second time within ten minutes.
    /// Throws `Error` if that cannot be done.
    [[nodiscard]] bool renew(const RunId& run, const std::string& arn);

private:
    [[nodiscard]] bool names_another(const RunId& run, const std::string& arn);
    [[nodiscard]] bool renew_definition(const DefinitionId& id, const std::string& arn);

    DefinitionStore& definitions_;
    RunStore& runs_;
    Preparation& preparation_;
    Clock& clock_;
    SharedWork<bool> renewals_;                                              ///< by ARN
    Guarded<std::map<DefinitionId, std::chrono::microseconds>> renewed_at_;  ///< `Clock::elapsed`
};

}  // namespace flotilla

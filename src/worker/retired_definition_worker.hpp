#pragma once

#include <set>
#include <string>

#include "engine/preparation.hpp"
#include "store/definition_store.hpp"
#include "worker/worker.hpp"

namespace flotilla {

/// Has the engine let go of the objects of definitions that were changed or removed, once no unfinished run
/// names them. A run that is being made of one is stored between two looks.
class RetiredDefinitionWorker final : public Worker {
public:
    RetiredDefinitionWorker(DefinitionStore& definitions, Preparation& preparation)
        : definitions_(definitions), preparation_(preparation) {}

    bool step(const std::stop_token& stop) override;
    std::chrono::microseconds rest() override { return std::chrono::minutes{5}; }

private:
    DefinitionStore& definitions_;
    Preparation& preparation_;
    std::set<std::string> seen_;  ///< at the last look
};

}  // namespace flotilla

#pragma once

#include <optional>
#include <set>
#include <string>

#include "cluster/engine_pause.hpp"
#include "engine/preparation.hpp"
#include "store/definition_store.hpp"
#include "worker/worker.hpp"

namespace flotilla {

/// Has the engine let go of the objects of definitions that were changed or removed, once no unfinished run
/// names them. A run that is being made of one is stored between two looks. What the engine does not let go
/// of now stays for the next look, and `pause` says why.
class RetiredDefinitionWorker final : public Worker {
public:
    RetiredDefinitionWorker(DefinitionStore& definitions, Preparation& preparation, EnginePause& pause)
        : definitions_(definitions), preparation_(preparation), pause_(pause) {}

    bool step(const std::stop_token& stop) override;
    std::chrono::microseconds rest() override { return std::chrono::minutes{5}; }

private:
    /// Why it stays; nothing if it does not.
    [[nodiscard]] std::optional<std::string> let_go(const std::string& arn);

    DefinitionStore& definitions_;
    Preparation& preparation_;
    EnginePause& pause_;
    std::set<std::string> seen_;  ///< at the last look
};

}  // namespace flotilla

#pragma once

#include <string>

#include "core/definition.hpp"
#include "core/run.hpp"

namespace flotilla {

/// What an engine wants to know of definitions and runs before it is asked to run anything: one that keeps
/// objects of its own for them. Safe to call from any thread.
class Preparation {
public:
    Preparation() = default;
    Preparation(const Preparation&) = delete;
    Preparation& operator=(const Preparation&) = delete;
    virtual ~Preparation() = default;

    /// Makes the engine's object for the definition; its name there (`Definition::arn`). Throws `invalid` for
    /// what the engine cannot have, `unavailable` if it cannot be asked.
    [[nodiscard]] virtual std::string register_definition(const Definition& definition) = 0;
    /// Whether the definition has such an object.
    [[nodiscard]] virtual bool is_registered(const Definition& definition) = 0;
    /// Of all that its object would be made of now: definitions that have the same are served by one object.
    /// Throws `invalid`.
    [[nodiscard]] virtual std::string digest_of(const Definition& definition) = 0;
    /// Lets go of an object; runs that have started go on. Throws `Error`.
    virtual void deregister(const std::string& object) = 0;
    /// What the engine has to be asked for a run of a registered definition (`Run::engine_request`). Throws
    /// `invalid` for a run that it cannot have.
    [[nodiscard]] virtual std::string request_of(const Definition& definition, const Run& run) = 0;
    /// Where runs of what is registered now write their logs (`Run::log_location`).
    [[nodiscard]] virtual std::string log_location() = 0;
};

}  // namespace flotilla

#pragma once

#include <string>

#include "base/clock.hpp"
#include "base/shared_work.hpp"
#include "base/uuid.hpp"
#include "base/waiting_place.hpp"
#include "core/definition.hpp"
#include "core/list_query.hpp"
#include "engine/preparation.hpp"
#include "store/definition_store.hpp"

namespace flotilla {

/// An engine that keeps objects for definitions.
struct DefinitionObjects {
    Preparation* preparation = nullptr;  ///< null: there is no such engine
    bool at_creation =
        false;  ///< a definition gets its object when it is made; else with its first run there
};

/// What users can do with definitions. Throws `Error`s meant for them.
class DefinitionService {
public:
    DefinitionService(DefinitionStore& definitions, Clock& clock, IdMaker& ids,
                      DefinitionObjects objects = {});

    /// `by` is who wants it, empty: nobody known. Throws `invalid` with every mistake, `conflict` if the
    /// alias is taken.
    Definition create(const DefinitionFields& fields, const std::string& by);
    /// Throws `not_found`.
    [[nodiscard]] Definition get(const DefinitionId& id);
    [[nodiscard]] Definition get_by_alias(const std::string& alias);
    /// Throws `not_found`, `invalid`, `conflict` if the alias is taken, or `outdated` if it is not the one
    /// that is meant (none: it is meant as it stands).
    Definition update(const DefinitionId& id, const DefinitionFields& fields, const std::string& by,
                      const DefinitionCheck& meant = {});
    /// The definition with an object of the engine that keeps such, which is made if it has none, or one that
    /// would be another by now: the configuration has a part in it. Who asks for the same at once waits for
    /// one. Throws `invalid`, `unavailable`, `not_found` if it was removed meanwhile.
    [[nodiscard]] Definition registered(const Definition& definition);
    /// Removes the definition with its history. Throws `not_found`, or `conflict` while a run is live.
    void remove(const DefinitionId& id);
    [[nodiscard]] Page<Definition> list(const ListQuery& query);
    [[nodiscard]] Page<std::string> groups(const NameQuery& query);
    [[nodiscard]] Page<std::string> tags(const NameQuery& query);

private:
    /// Updates it where its engine has an object for it, with another object if it is no longer alike.
    std::optional<Definition> update_registered(const Definition& before, const DefinitionFields& fields,
                                                const Edit& edit);
    [[nodiscard]] EngineObject made(const Definition& definition);
    /// Throws `unavailable` where as many wait for the engine as may.
    [[nodiscard]] EngineObject made_at_place(const Definition& definition);
    /// Whether it has the object that would be made of it now.
    [[nodiscard]] bool has_object(const Definition& definition);
    /// Of an object that no definition came to have.
    void drop(const std::string& arn) noexcept;

    DefinitionStore& definitions_;
    Clock& clock_;
    IdMaker& ids_;
    DefinitionObjects objects_;
    WaitingPlaces waiting_;  ///< for the engine, which may not answer
    SharedWork<Definition> registrations_;
};

}  // namespace flotilla

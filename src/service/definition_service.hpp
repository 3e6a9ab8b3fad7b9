#pragma once

#include <string>

#include "base/clock.hpp"
#include "base/uuid.hpp"
#include "core/definition.hpp"
#include "core/list_query.hpp"
#include "store/definition_store.hpp"

namespace flotilla {

/// What users can do with definitions. Throws `Error`s meant for them.
class DefinitionService {
public:
    DefinitionService(DefinitionStore& definitions, Clock& clock, IdMaker& ids);

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
    /// Removes the definition with its history. Throws `not_found`, or `conflict` while a run is live.
    void remove(const DefinitionId& id);
    [[nodiscard]] Page<Definition> list(const ListQuery& query);
    [[nodiscard]] Page<std::string> groups(const NameQuery& query);
    [[nodiscard]] Page<std::string> tags(const NameQuery& query);

private:
    DefinitionStore& definitions_;
    Clock& clock_;
    IdMaker& ids_;
};

}  // namespace flotilla

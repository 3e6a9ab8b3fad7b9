#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/definition.hpp"
#include "core/list_query.hpp"

namespace flotilla {

/// Where definitions are kept. Safe to call from any thread; throws `unavailable` when the database cannot be
/// reached.
class DefinitionStore {
public:
    DefinitionStore() = default;
    DefinitionStore(const DefinitionStore&) = delete;
    DefinitionStore& operator=(const DefinitionStore&) = delete;
    virtual ~DefinitionStore() = default;

    /// Throws `conflict` if the alias is taken.
    virtual void insert(const Definition& definition) = 0;
    [[nodiscard]] virtual std::optional<Definition> find(const DefinitionId& id) = 0;
    [[nodiscard]] virtual std::optional<Definition> find_by_alias(const std::string& alias) = 0;
    [[nodiscard]] virtual Page<Definition> list(const ListQuery& query) = 0;
    /// Assigns `fields` in one transaction, and `object` unless it is none; the definition as stored
    /// afterwards, nothing if it does not exist. Throws `conflict` if the alias is taken, `outdated` if it is
    /// not the one that is meant. Here and below an object whose definition is not there is retired.
    virtual std::optional<Definition> update(const DefinitionId& id, const DefinitionFields& fields,
                                             const Edit& edit,
                                             const std::optional<EngineObject>& object = {}) = 0;
    /// Gives the definition another object of its engine; false if it does not exist.
    virtual bool set_object(const DefinitionId& id, const EngineObject& object) = 0;
    /// Gives the definition that has the object of that name another one, and its unfinished runs, too; those
    /// that nobody has handed over yet write their logs at `log_location`.
    virtual void replace_object(const std::string& arn, const EngineObject& object,
                                const std::string& log_location) = 0;
    /// The objects of an engine (`Definition::arn`) that no definition has, and that no unfinished run names.
    [[nodiscard]] virtual std::vector<std::string> retired() = 0;
    /// The engine has let go of it.
    virtual void forget_retired(const std::string& arn) = 0;
    /// Removes the definition with its runs; false if it does not exist. Throws `conflict` while a run is
    /// live.
    virtual bool remove(const DefinitionId& id) = 0;
    /// Distinct group names, sorted by bytes.
    [[nodiscard]] virtual Page<std::string> groups(const NameQuery& query) = 0;
    /// Distinct tags, sorted by bytes.
    [[nodiscard]] virtual Page<std::string> tags(const NameQuery& query) = 0;
    /// Distinct images, sorted by bytes.
    [[nodiscard]] virtual Page<std::string> images(const NameQuery& query) = 0;
};

}  // namespace flotilla

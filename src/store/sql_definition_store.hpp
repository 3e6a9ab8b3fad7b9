#pragma once

#include "store/definition_store.hpp"
#include "store/sql.hpp"

namespace flotilla {

/// Definitions in the tables `definitions` and `definition_tags`.
class SqlDefinitionStore final : public DefinitionStore {
public:
    explicit SqlDefinitionStore(SqlDatabase& database) : database_(database) {}

    void insert(const Definition& definition) override;
    std::optional<Definition> find(const DefinitionId& id) override;
    std::optional<Definition> find_by_alias(const std::string& alias) override;
    Page<Definition> list(const ListQuery& query) override;
    std::optional<Definition> update(const DefinitionId& id, const DefinitionFields& fields, const Edit& edit,
                                     const std::optional<EngineObject>& object = {}) override;
    bool set_object(const DefinitionId& id, const EngineObject& object) override;
    void replace_object(const std::string& arn, const EngineObject& object,
                        const std::string& log_location) override;
    std::vector<std::string> retired() override;
    void forget_retired(const std::string& arn) override;
    bool remove(const DefinitionId& id) override;
    Page<std::string> groups(const NameQuery& query) override;
    Page<std::string> tags(const NameQuery& query) override;
    Page<std::string> images(const NameQuery& query) override;

private:
    Page<std::string> names(const NameQuery& query, std::string_view table, std::string_view column);

    SqlDatabase& database_;
};

}  // namespace flotilla

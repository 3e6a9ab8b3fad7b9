#include "service/definition_service.hpp"

#include "base/error.hpp"
#include "image/reference.hpp"

namespace flotilla {

namespace {

void check_image(const DefinitionFields& fields) {
    if (fields.image && !fields.image->empty() && !parse_image_reference(*fields.image)) {
        throw invalid(
            "string [image] is not an image reference: [{}]; write it as name:tag, such as debian:12",
            *fields.image);
    }
}

}  // namespace

DefinitionService::DefinitionService(DefinitionStore& definitions, Clock& clock, IdMaker& ids)
    : definitions_(definitions), clock_(clock), ids_(ids) {}

Definition DefinitionService::create(const DefinitionFields& fields, const std::string& by) {
    check_new(fields);
    check_image(fields);
    Definition definition;
    assign(fields, definition);
    definition.id = {definition.group_name + "-" + ids_.uuid()};
    definition.created_at = clock_.now();
    definition.created_by = by;
    definitions_.insert(definition);
    return definition;
}

Definition DefinitionService::get(const DefinitionId& id) {
    auto definition = definitions_.find(id);
    if (!definition) {
        throw not_found("Definition with ID {} not found", id.value);
    }
    return *std::move(definition);
}

Definition DefinitionService::get_by_alias(const std::string& alias) {
    auto definition = definitions_.find_by_alias(alias);
    if (!definition) {
        throw not_found("Definition with alias {} not found", alias);
    }
    return *std::move(definition);
}

Definition DefinitionService::update(const DefinitionId& id, const DefinitionFields& fields,
                                     const std::string& by, const DefinitionCheck& meant) {
    check_update(fields);
    check_image(fields);
    auto definition = definitions_.update(id, fields, {clock_.now(), by, meant});
    if (!definition) {
        throw not_found("Definition with ID {} not found", id.value);
    }
    return *std::move(definition);
}

void DefinitionService::remove(const DefinitionId& id) {
    if (!definitions_.remove(id)) {
        throw not_found("Definition with ID {} not found", id.value);
    }
}

Page<Definition> DefinitionService::list(const ListQuery& query) {
    return definitions_.list(query);
}
Page<std::string> DefinitionService::groups(const NameQuery& query) {
    return definitions_.groups(query);
}
Page<std::string> DefinitionService::tags(const NameQuery& query) {
    return definitions_.tags(query);
}

}  // namespace flotilla

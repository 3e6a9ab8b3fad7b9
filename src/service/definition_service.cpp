#include "service/definition_service.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/thread_pool.hpp"
#include "image/reference.hpp"

namespace flotilla {

namespace {

constexpr std::ptrdiff_t most_waiting = 24;  // threads, of some 64 that handle requests

void check_image(const DefinitionFields& fields) {
    if (fields.image && !fields.image->empty() && !parse_image_reference(*fields.image)) {
        throw invalid(
            "string [image] is not an image reference: [{}]; write it as name:tag, such as debian:12",
            *fields.image);
    }
}

Error no_definition(const DefinitionId& id) {
    return not_found("Definition with ID {} not found", id.value);
}

void check_place(const WaitingPlace& place) {
    if (!place.is_taken()) {
        throw unavailable("{} definitions are being registered at the engine: try again in a moment",
                          most_waiting);
    }
}

}  // namespace

DefinitionService::DefinitionService(DefinitionStore& definitions, Clock& clock, IdMaker& ids,
                                     DefinitionObjects objects)
    : definitions_(definitions), clock_(clock), ids_(ids), objects_(objects), waiting_(most_waiting) {}

Definition DefinitionService::create(const DefinitionFields& fields, const std::string& by) {
    check_new(fields);
    check_image(fields);
    Definition definition;
    assign(fields, definition);
    definition.id = {definition.group_name + "-" + ids_.uuid()};
    definition.created_at = clock_.now();
    definition.created_by = by;
    if (objects_.preparation != nullptr && objects_.at_creation) {
        const EngineObject object = made_at_place(definition);
        definition.arn = object.arn;
        definition.arn_digest = object.digest;
    }
    try {
        definitions_.insert(definition);
    } catch (...) {
        drop(definition.arn);
        throw;
    }
    return definition;
}

Definition DefinitionService::get(const DefinitionId& id) {
    auto definition = definitions_.find(id);
    if (!definition) {
        throw no_definition(id);
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
    const Edit edit{clock_.now(), by, meant};
    const auto before = objects_.preparation != nullptr ? definitions_.find(id) : std::nullopt;
    auto definition = before && (objects_.at_creation || objects_.preparation->is_registered(*before))
                          ? update_registered(*before, fields, edit)
                          : definitions_.update(id, fields, edit);
    if (!definition) {
        throw no_definition(id);
    }
    return *std::move(definition);
}

std::optional<Definition> DefinitionService::update_registered(const Definition& before,
                                                               const DefinitionFields& fields,
                                                               const Edit& edit) {
    Preparation& preparation = *objects_.preparation;
    Definition wanted = before;
    assign(fields, wanted);
    std::optional<EngineObject> object;
    if (!has_object(wanted)) {
        object = made_at_place(wanted);
    }
    std::optional<Definition> stored;
    try {
        stored = definitions_.update(before.id, fields, edit, object);
    } catch (...) {
        drop(object ? object->arn : "");
        throw;
    }
    while (stored && preparation.digest_of(*stored) != preparation.digest_of(wanted)) {
        wanted = *stored;  // somebody else changed it meanwhile
        stored = definitions_.update(before.id, {}, {edit.at, edit.by}, made_at_place(wanted));
    }
    return stored;
}

EngineObject DefinitionService::made(const Definition& definition) {
    Preparation& preparation = *objects_.preparation;
    return {preparation.register_definition(definition), preparation.digest_of(definition)};
}

EngineObject DefinitionService::made_at_place(const Definition& definition) {
    const WaitingPlace place(waiting_);
    check_place(place);
    return made(definition);
}

bool DefinitionService::has_object(const Definition& definition) {
    Preparation& preparation = *objects_.preparation;
    return preparation.is_registered(definition) &&
           preparation.digest_of(definition) == definition.arn_digest;
}

Definition DefinitionService::registered(const Definition& definition) {
    if (objects_.preparation == nullptr || has_object(definition)) {
        return definition;
    }
    const WaitingPlace place(waiting_);
    check_place(place);
    const BlockingSection waiting;
    const std::string what = definition.id.value + " " + objects_.preparation->digest_of(definition);
    return registrations_.once(what, [&] {
        Definition stored = get(definition.id);
        if (!has_object(stored)) {  // nobody made it a moment ago
            const EngineObject object = made(stored);
            if (!definitions_.set_object(stored.id, object)) {
                throw no_definition(stored.id);
            }
            stored.arn = object.arn;
            stored.arn_digest = object.digest;
        }
        return stored;
    });
}

void DefinitionService::drop(const std::string& arn) noexcept {
    if (arn.empty()) {
        return;
    }
    try {
        objects_.preparation->deregister(arn);
    } catch (const std::exception& error) {
        log_warning("{} is left at its engine, which no definition has: {}", arn, error.what());
    }
}

void DefinitionService::remove(const DefinitionId& id) {
    if (!definitions_.remove(id)) {
        throw no_definition(id);
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

#include "api/definition_api.hpp"

#include "api/entity_tag.hpp"
#include "wire/answers.hpp"
#include "wire/request_body.hpp"

namespace flotilla {

namespace {

DefinitionId definition_id(const Request& request) {
    return {request.path_param("definition_id")};
}

/// Changes with whatever somebody may change: not with the engine's object for it, which comes with a run.
std::string tag_of(Definition definition) {
    definition.arn.clear();
    return entity_tag(definition_json(definition));
}

Response definition_response(const Definition& definition) {
    Response response = json_response(definition_json(definition));
    response.headers.emplace_back("ETag", tag_of(definition));
    return response;
}

/// The definition that the sender has read, if it says which.
DefinitionCheck meant_definition(const Request& request) {
    const auto if_match = find_header(request.headers, "If-Match");
    if (!if_match) {
        return {};
    }
    return [if_match = *if_match](const Definition& definition) {
        return is_matched(if_match, tag_of(definition));
    };
}

Response list_definitions(DefinitionService& definitions, const Request& request) {
    const ListQuery query = parse_list_query(request.query, definition_fields());
    return json_response(definition_list_json(definitions.list(query), request.query, query));
}

Response list_groups(DefinitionService& definitions, const Request& request) {
    const NameQuery query = parse_name_query(request.query);
    return json_response(group_list_json(definitions.groups(query), query));
}

Response list_tags(DefinitionService& definitions, const Request& request) {
    const NameQuery query = parse_name_query(request.query);
    return json_response(tag_list_json(definitions.tags(query), query));
}

}  // namespace

void add_definition_routes(Router& router, DefinitionService& definitions, ImageService& images) {
    router.add(HttpVerb::get, "/api/v1/task",
               [&](const Request& request) { return list_definitions(definitions, request); });
    router.add(HttpVerb::post, "/api/v1/task", [&](const Request& request) {
        const DefinitionFields fields = new_definition_from_json(request.body);
        return definition_response(definitions.create(fields, request.caller));
    });
    router.add(HttpVerb::get, "/api/v1/task/{definition_id}", [&](const Request& request) {
        return definition_response(definitions.get(definition_id(request)));
    });
    router.add(HttpVerb::put, "/api/v1/task/{definition_id}", [&](const Request& request) {
        const DefinitionFields fields = definition_update_from_json(request.body);
        return definition_response(
            definitions.update(definition_id(request), fields, request.caller, meant_definition(request)));
    });
    router.add(HttpVerb::delete_, "/api/v1/task/{definition_id}", [&](const Request& request) {
        definitions.remove(definition_id(request));
        return json_response(done_json("deleted"));
    });
    router.add(HttpVerb::get, "/api/v1/task/alias/{alias}", [&](const Request& request) {
        return definition_response(definitions.get_by_alias(request.path_param("alias")));
    });
    router.add(HttpVerb::get, "/api/v1/groups",
               [&](const Request& request) { return list_groups(definitions, request); });
    router.add(HttpVerb::get, "/api/v1/images",
               [&](const Request&) { return json_response(image_list_json(images.known())); });
    router.add(HttpVerb::get, "/api/v1/tags",
               [&](const Request& request) { return list_tags(definitions, request); });
}

}  // namespace flotilla

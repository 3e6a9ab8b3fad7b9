#include "api/run_api.hpp"

#include "base/error.hpp"
#include "core/access_token.hpp"
#include "wire/answers.hpp"
#include "wire/request_body.hpp"

namespace flotilla {

namespace {

/// Names the owner of a run by the tags and the caller of an execute call; throws `invalid` if the tags do
/// not suffice.
using OwnerOf = std::string (*)(const RunTags& tags, const std::string& caller);

std::string owner_by_caller(const RunTags& /*tags*/, const std::string& caller) {
    return caller.empty() ? std::string(unknown_owner) : caller;
}

std::string owner_by_email(const RunTags& tags, const std::string& /*caller*/) {
    if (tags.owner_email.empty() || tags.team_name.empty()) {
        throw invalid("run_tags must exist in body and contain [owner_email] and [team_name]");
    }
    return tags.owner_email;
}

std::string owner_by_id(const RunTags& tags, const std::string& /*caller*/) {
    if (tags.owner_id.empty()) {
        throw invalid("run_tags must exist in body and contain [owner_id]");
    }
    return tags.owner_id;
}

/// The key of the body or of the header, which other services know.
std::string idempotence_key(const Request& request, const std::string& in_body) {
    if (count_headers(request.headers, "Idempotency-Key") > 1) {
        throw invalid("Idempotency-Key is given twice");
    }
    const auto header = find_header(request.headers, "Idempotency-Key").value_or("");
    if (!header.empty() && !in_body.empty() && header != in_body) {
        throw invalid("the header Idempotency-Key and the field idempotence_key differ");
    }
    return header.empty() ? in_body : std::string(header);
}

ExecuteRequest execute_request(const Request& request, OwnerOf owner_of) {
    ExecuteBody body = execute_body_from_json(request.body);
    return {.cluster = std::move(body.cluster),
            .env = std::move(body.env),
            .owner = owner_of(body.run_tags, request.caller),
            .by = request.caller,
            .overrides = std::move(body.overrides),
            .idempotence_key = idempotence_key(request, body.idempotence_key)};
}

void add_execute_route(Router& router, std::string_view pattern, OwnerOf owner_of,
                       DefinitionService& definitions, RunService& runs) {
    router.add(HttpVerb::put, pattern, [&definitions, &runs, owner_of](const Request& request) {
        const ExecuteRequest execute = execute_request(request, owner_of);
        const Definition definition = definitions.get({request.path_param("definition_id")});
        return json_response(run_json(runs.execute(definition, execute)));
    });
}

void add_execute_routes(Router& router, DefinitionService& definitions, RunService& runs) {
    add_execute_route(router, "/api/v1/task/{definition_id}/execute", owner_by_caller, definitions, runs);
    add_execute_route(router, "/api/v2/task/{definition_id}/execute", owner_by_email, definitions, runs);
    add_execute_route(router, "/api/v4/task/{definition_id}/execute", owner_by_id, definitions, runs);
    router.add(HttpVerb::put, "/api/v1/task/alias/{alias}/execute", [&](const Request& request) {
        const ExecuteRequest execute = execute_request(request, owner_by_id);
        const Definition definition = definitions.get_by_alias(request.path_param("alias"));
        return json_response(run_json(runs.execute(definition, execute)));
    });
}

Response list_runs(RunService& runs, const QueryParameters& parameters) {
    const ListQuery query = runs.list_query(parameters);
    return json_response(run_list_json(runs.list(query), parameters, query));
}

/// The query with the definition of the path in place of any that it names itself.
QueryParameters query_of_definition(const Request& request) {
    QueryParameters parameters = request.query;
    std::erase_if(parameters, [](const auto& pair) { return pair.first == "definition_id"; });
    parameters.emplace_back("definition_id", request.path_param("definition_id"));
    return parameters;
}

Response get_run(RunService& runs, WaitingService& waiting, const Request& request) {
    const Run run = runs.get({request.path_param("run_id")});
    return json_response(run_json(run, waiting.reason(run)));
}

}  // namespace

void add_run_routes(Router& router, DefinitionService& definitions, RunService& runs,
                    WaitingService& waiting) {
    add_execute_routes(router, definitions, runs);
    router.add(HttpVerb::get, "/api/v1/history",
               [&](const Request& request) { return list_runs(runs, request.query); });
    router.add(HttpVerb::get, "/api/v1/recent_runs", [&](const Request& request) {
        return json_response(recent_runs_json(runs.recent(parse_recent_query(request.query))));
    });
    for (const std::string_view pattern : {"/api/v1/history/{run_id}", "/api/v1/task/history/{run_id}"}) {
        router.add(HttpVerb::get, pattern,
                   [&](const Request& request) { return get_run(runs, waiting, request); });
    }
    router.add(HttpVerb::get, "/api/v1/task/{definition_id}/history",
               [&](const Request& request) { return list_runs(runs, query_of_definition(request)); });
    router.add(HttpVerb::get, "/api/v1/task/{definition_id}/history/{run_id}",
               [&](const Request& request) { return get_run(runs, waiting, request); });
    router.add(HttpVerb::delete_, "/api/v1/task/{definition_id}/history/{run_id}",
               [&](const Request& request) {
                   const RunId id{request.path_param("run_id")};
                   runs.stop(id, request.caller);
                   return json_response(stopping_json(waiting.reason_of_no_end(runs.get(id))));
               });
    router.add(
        HttpVerb::put, "/api/v1/{run_id}/status",
        [&](const Request& request) {
            StatusBody body = status_body_from_json(request.body);
            runs.report({request.path_param("run_id")}, {std::move(body.status), body.exit_code});
            return json_response(done_json("updated"));
        },
        Access::run_itself);
    router.add(HttpVerb::get, "/api/v1/{run_id}/events", [&](const Request& request) {
        return json_response(run_events_json(history_of(runs.get({request.path_param("run_id")}))));
    });
    router.add(HttpVerb::get, "/api/v1/clusters",
               [&](const Request&) { return json_response(cluster_list_json(runs.cluster_names())); });
}

}  // namespace flotilla

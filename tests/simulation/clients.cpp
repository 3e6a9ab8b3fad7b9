#include "simulation/clients.hpp"

namespace flotilla::simulation {

std::string definition_id(const Plan& plan, int index) {
    return "g-" + plan.settings.definitions.at(static_cast<std::size_t>(index)).alias.value();
}

void Clients::send(const Call& call, Server& server, const Process& process) {
    const Actor actor{Role::client, fmt::format("client in call {}", call.number), call.number};
    ++trying_;
    history_.timeline.start(actor, [this, &call, &server, &process] {
        try {
            act(call, server, process);
        } catch (const Error& error) {
            note_failure(call, error, process);
        }
        --trying_;
    });
}

/// An answer of a process that was killed meanwhile reaches nobody.
void Clients::note_failure(const Call& call, const Error& error, const Process& process) {
    const bool is_unknown = !process.is_alive() || error.kind() == ErrorKind::unavailable;
    history_.story.tell("client in call {}: is answered: {}", call.number,
                        process.is_alive() ? error.what() : "nothing");
    if (is_unknown && call.has_key) {
        send_again_(call);
    } else if (!is_unknown && call.kind == Call::Kind::execute) {
        history_.witness.refused.insert(call.number);
    }
}

/// The run that the call made, as far as anybody knows.
std::string Clients::run_of(int call) const {
    for (const auto& [id, run] : ledger_.runs()) {
        if (std::stoi(id.substr(1)) == call) {
            return id;
        }
    }
    return "r" + std::to_string(call);
}

void Clients::act(const Call& call, Server& server, const Process& process) {
    switch (call.kind) {
        case Call::Kind::execute:
            return execute(call, server, process);
        case Call::Kind::stop:
            return stop(call, server, process);
        case Call::Kind::report:
            return report(call, server);
        case Call::Kind::edit:
            return edit(call, server);
        case Call::Kind::remove:
            return remove(call, server);
    }
}

void Clients::execute(const Call& call, Server& server, const Process& process) {
    const auto id = definition_id(history_.plan, call.definition);
    history_.story.tell("client in call {}: {} wants {} to be run on {}{}", call.number, call.owner, id,
                        call.cluster, describe(call));
    const Definition definition = server.definition_service.get({id});
    ExecuteRequest request{.cluster = call.cluster, .env = {}, .owner = call.owner};
    request.overrides.memory = call.memory;
    request.overrides.limits = call.limits;
    request.idempotence_key = call.has_key ? fmt::format("key-{}", call.number) : "";
    const flotilla::Run run = server.run_service.execute(definition, request);
    process.require_alive();
    history_.story.tell("client in call {}: is answered: run {}", call.number, run.id.value);
    history_.witness.accepted.emplace(run.id.value, call);
    check_accepted(call, run.id.value);
}

void Clients::check_accepted(const Call& call, const std::string& id) {
    const StoredRun* const stored = ledger_.find(id);
    if (stored == nullptr) {
        if (history_.witness.removed_definitions.contains(definition_id(history_.plan, call.definition))) {
            return;
        }
        history_.judge.broken("an answered execute call is durable", "run {} is not stored", id);
    } else if (call_of(history_.plan, id) == nullptr || call_of(history_.plan, id)->number != call.number) {
        history_.judge.broken("a run is what was asked for", "call {} was answered with run {}", call.number,
                              id);
    } else if (stored->owner != call.owner || stored->cluster != call.cluster) {
        history_.judge.broken("a run is what was asked for", "run {} is not", id);
    }
}

void Clients::stop(const Call& call, Server& server, const Process& process) {
    const std::string id = run_of(call.target);
    history_.story.tell("client in call {}: wants run {} to stop", call.number, id);
    server.run_service.stop({id}, "somebody");
    process.require_alive();
    history_.story.tell("client in call {}: is answered: run {} will stop", call.number, id);
    const StoredRun* const stored = ledger_.find(id);
    if (stored == nullptr) {
        return;  // its definition was removed meanwhile, which is checked elsewhere
    }
    history_.witness.stops.emplace(id, history_.timeline.now());
    if (stored->status != RunStatus::stopped && !stored->stop_requested_at) {
        history_.judge.broken("an acknowledged stop takes effect", "nothing is stored of that of run {}", id);
    }
}

void Clients::report(const Call& call, Server& server) {
    const std::string id = run_of(call.target);
    history_.story.tell("client in call {}: the job of run {} reports {}{}", call.number, id,
                        to_string(call.status),
                        call.exit_code ? fmt::format(" with exit code {}", *call.exit_code) : "");
    if (call.exit_code) {
        history_.witness.reported_codes[id].insert(*call.exit_code);
    }
    if (call.status == RunStatus::needs_retry) {
        history_.witness.asked_for_retry.insert(id);
    }
    server.run_service.report({id}, {std::string(to_string(call.status)), call.exit_code});
    history_.story.tell("client in call {}: is answered", call.number);
}

void Clients::edit(const Call& call, Server& server) {
    const auto id = definition_id(history_.plan, call.definition);
    history_.story.tell("client in call {}: edits definition {}", call.number, id);
    DefinitionFields fields;
    fields.command = "echo edited";
    fields.memory = 200;
    server.definition_service.update({id}, fields, "somebody");
    history_.story.tell("client in call {}: is answered", call.number);
}

void Clients::remove(const Call& call, Server& server) {
    const auto id = definition_id(history_.plan, call.definition);
    history_.story.tell("client in call {}: removes definition {}", call.number, id);
    history_.witness.removed_definitions.insert(id);
    server.definition_service.remove({id});
    history_.story.tell("client in call {}: is answered", call.number);
}

}  // namespace flotilla::simulation

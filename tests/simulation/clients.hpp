#pragma once

#include "simulation/ledger.hpp"
#include "simulation/server.hpp"

namespace flotilla::simulation {

/// Those who call the server. Each call is an actor, as each request has a thread of its own; what was
/// answered is remembered, and compared with the store.
class Clients {
public:
    Clients(History& history, const Ledger& ledger) : history_(history), ledger_(ledger) {}

    /// Sends the call to this server, in which it may end with its process.
    void send(const Call& call, Server& server, const Process& process);

private:
    void act(const Call& call, Server& server, const Process& process);
    void execute(const Call& call, Server& server, const Process& process);
    void stop(const Call& call, Server& server, const Process& process);
    void report(const Call& call, Server& server);
    void edit(const Call& call, Server& server);
    void remove(const Call& call, Server& server);
    void check_accepted(const Call& call, const std::string& id);

    History& history_;
    const Ledger& ledger_;
};

/// The id of the definition of that index in `Settings::definitions`.
[[nodiscard]] std::string definition_id(const Plan& plan, int index);

}  // namespace flotilla::simulation

#pragma once

#include <functional>
#include <utility>

#include "base/error.hpp"
#include "simulation/ledger.hpp"
#include "simulation/server.hpp"

namespace flotilla::simulation {

/// Those who call the server. Each call is an actor, as each request has a thread of its own; what was
/// answered is remembered, and compared with the store.
class Clients {
public:
    using SendAgain = std::function<void(const Call&)>;

    /// `send_again` sends a call once more, after a while.
    Clients(History& history, const Ledger& ledger, SendAgain send_again)
        : history_(history), ledger_(ledger), send_again_(std::move(send_again)) {}

    /// Sends the call to this server, in which it may end with its process.
    void send(const Call& call, Server& server, const Process& process);

    /// Whether a client is still trying to get an answer.
    [[nodiscard]] bool are_trying() const { return trying_ > 0; }

private:
    void act(const Call& call, Server& server, const Process& process);
    void execute(const Call& call, Server& server, const Process& process);
    void stop(const Call& call, Server& server, const Process& process);
    void report(const Call& call, Server& server);
    void edit(const Call& call, Server& server);
    void remove(const Call& call, Server& server);
    void note_failure(const Call& call, const Error& error, const Process& process);
    void check_accepted(const Call& call, const std::string& id);
    [[nodiscard]] std::string run_of(int call) const;

    History& history_;
    const Ledger& ledger_;
    SendAgain send_again_;
    int trying_ = 0;
};

/// The id of the definition of that index in `Settings::definitions`.
[[nodiscard]] std::string definition_id(const Plan& plan, int index);

}  // namespace flotilla::simulation

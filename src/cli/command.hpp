#pragma once

#include <chrono>
#include <iosfwd>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "cli/arguments.hpp"
#include "net/http_client.hpp"

namespace flotilla {

/// Waits between two looks at a server.
class Pause {
public:
    Pause() = default;
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;
    virtual ~Pause() = default;
    enum class Outcome { over, interrupted };
    /// From the first call on Ctrl-C interrupts the wait, not the process; pressed twice it ends the process.
    [[nodiscard]] virtual Outcome wait(std::chrono::milliseconds time) = 0;
};

/// What surrounds a command: the process's own streams, network and clock, or a test's.
struct Surroundings {
    std::istream& in;
    std::ostream& out;
    std::ostream& err;
    bool colour = false;     ///< whether `out` is a terminal that shall have colours
    std::string login_name;  ///< of whoever runs the command
    HttpClient& http;
    Clock& clock;
    Pause& pause;
};

/// One subcommand: declares what it accepts, then does it. Its help text is the file of its name, `.md`.
class Command {
public:
    Command() = default;
    Command(const Command&) = delete;
    Command& operator=(const Command&) = delete;
    virtual ~Command() = default;

    virtual void declare(Arguments& arguments) = 0;
    /// Returns the process's exit status. Throws UsageError, Error or another std::exception: one line for
    /// people.
    virtual int execute(Surroundings& surroundings) = 0;
};

std::unique_ptr<Command> make_serve_command();
std::unique_ptr<Command> make_migrate_command();
std::unique_ptr<Command> make_backup_command();
std::unique_ptr<Command> make_restore_command();
std::unique_ptr<Command> make_drain_command();
std::unique_ptr<Command> make_define_command();
std::unique_ptr<Command> make_run_command();
std::unique_ptr<Command> make_runs_command();
std::unique_ptr<Command> make_status_command();
std::unique_ptr<Command> make_logs_command();
std::unique_ptr<Command> make_stop_command();
std::unique_ptr<Command> make_image_import_command();
std::unique_ptr<Command> make_image_pull_command();
std::unique_ptr<Command> make_image_list_command();
std::unique_ptr<Command> make_image_rm_command();
std::unique_ptr<Command> make_token_new_command();
std::unique_ptr<Command> make_token_list_command();
std::unique_ptr<Command> make_token_revoke_command();

}  // namespace flotilla

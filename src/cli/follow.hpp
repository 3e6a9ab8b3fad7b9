#pragma once

#include <optional>
#include <string>

#include "cli/command.hpp"
#include "client/api_client.hpp"
#include "client/run_view.hpp"

namespace flotilla {

/// Prints a log page by page, each line ended.
class LogPrinter {
public:
    LogPrinter(ApiClient& client, std::string run_id, std::ostream& out)
        : client_(client), run_id_(std::move(run_id)), out_(out) {}

    /// Prints all that there is now. Returns whether there was anything.
    bool drain();
    /// Whether more may come, though the run has ended, as the last page said.
    [[nodiscard]] bool may_grow() const { return may_grow_; }

private:
    void print(const std::string& text);

    ApiClient& client_;
    std::string run_id_;
    std::ostream& out_;
    std::string last_seen_;
    bool may_grow_ = false;
};

/// The sentence for whoever stops looking at a run that lives.
[[nodiscard]] std::string goes_on(const std::string& run_id);

/// Prints a run's log as it comes, until the run is `STOPPED` and all of it is printed. A server that goes
/// away for some seconds does not end it. Returns the run as it ended; nothing if Ctrl-C or the reader's end
/// came first, which is said on standard error (the run goes on).
[[nodiscard]] std::optional<RunView> follow_run(ApiClient& client, const std::string& run_id,
                                                Surroundings& surroundings);

}  // namespace flotilla

#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/data_folder.hpp"
#include "base/fence.hpp"
#include "base/random.hpp"
#include "config/config.hpp"
#include "core/run_token.hpp"
#include "logs/peer/peer_log_reader.hpp"
#include "net/curl_http_client.hpp"
#include "store/database_clock.hpp"
#include "store/sql_host_store.hpp"
#include "worker/host_worker.hpp"
#include "worker/worker_thread.hpp"

namespace flotilla {

/// This host among those that share a PostgreSQL database: it is told that the host is there, and other
/// hosts' logs are read. With SQLite there is one host.
class HostMembership final : public PeerDirectory {
public:
    HostMembership(const Config& config, const DataFolder& folder, SqlDatabase& database, RunMetrics& metrics,
                   DatabaseClock& clock, Random& random, Fence& fence,
                   const std::optional<RunTokens>& run_tokens);

    [[nodiscard]] std::optional<Peer> find(const AttemptLog& log) override;

    /// Reads `own` logs and those of other hosts. It and `own` outlive the reader.
    [[nodiscard]] std::unique_ptr<PeerLogReader> reader(LogReader& own) {
        return std::make_unique<PeerLogReader>(own, id_, *this, http_);
    }

    /// From here on the host is known, by this address. `on_return` are woken when it comes back after it was
    /// given up.
    void enter(const std::string& address, std::vector<Wake*> on_return);
    /// Says no more that it is there.
    void leave() { thread_.reset(); }

private:
    std::string id_;
    SqlHostStore hosts_;
    const std::optional<RunTokens>& run_tokens_;
    CurlHttpClient http_;
    std::string incarnation_;
    std::chrono::microseconds lost_after_;
    HostWorker worker_;
    Wake wake_;
    std::optional<WorkerThread> thread_;
};

}  // namespace flotilla

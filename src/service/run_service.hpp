#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/uuid.hpp"
#include "cluster/clusters.hpp"
#include "core/list_query.hpp"
#include "core/retry.hpp"
#include "core/run.hpp"
#include "service/definition_service.hpp"
#include "store/run_store.hpp"

namespace flotilla {

/// A wish to run a definition.
struct ExecuteRequest {
    std::optional<std::string> cluster;  ///< absent: the default cluster
    Env env;
    std::string owner;
    std::string by{};  ///< who sends the call; empty: nobody known
    Overrides overrides{};
    std::string idempotence_key{};  ///< equal calls of one key make one run; empty: each makes its own
};

/// What a job says of itself.
struct StatusReport {
    std::string status;
    std::optional<int> exit_code;
};

struct RunServiceOptions {
    std::string default_cluster;
    std::string server_mode;     ///< value of FLOTILLA_SERVER_MODE
    std::string owner_variable;  ///< name of the variable that holds the owner
    RetryRules retry;
};

/// What users can do with runs. Throws `Error`s meant for them.
class RunService {
public:
    RunService(RunStore& runs, DefinitionService& definitions, const Clusters& clusters, Clock& clock,
               IdMaker& ids, Random& random, RunServiceOptions options);

    /// Stores a run of the definition; it is durable when this returns. If the definition has a run of the
    /// same idempotence key already, that one is returned as it is now, and nothing else is looked at.
    /// Throws `conflict` for a reserved variable, `not_found` for a missing image, `unavailable` if nobody
    /// can say whether the image exists, `invalid` for an unknown cluster or one too small.
    Run execute(const Definition& definition, const ExecuteRequest& request);
    /// Throws `not_found`.
    [[nodiscard]] Run get(const RunId& id);
    /// Reads a query for a list of runs. Throws `not_found` if a definition that it names does not exist,
    /// which is said before any other mistake, then as `parse_list_query`.
    [[nodiscard]] ListQuery list_query(const QueryParameters& parameters);
    [[nodiscard]] Page<Run> list(const ListQuery& query);
    /// How the newest runs of some definitions went; see `RunStore::recent`.
    [[nodiscard]] std::vector<RunSummary> recent(const RecentQuery& query) { return runs_.recent(query); }
    /// Asks for the end of a run: a waiting one is stopped at once. Throws `not_found`, or `invalid` if it
    /// has stopped already.
    void stop(const RunId& id, const std::string& by);
    /// Throws `not_found`, or `invalid` for an unknown status.
    void report(const RunId& id, const StatusReport& report);
    [[nodiscard]] std::vector<std::string> cluster_names() const;

private:
    [[nodiscard]] Env reserved_env(const RunId& id, const std::string& owner) const;
    void check_env(const Env& env) const;
    [[noreturn]] void refuse_cluster(const std::string& name) const;

    RunStore& runs_;
    DefinitionService& definitions_;
    const Clusters& clusters_;
    Clock& clock_;
    IdMaker& ids_;
    Random& random_;
    RunServiceOptions options_;
};

}  // namespace flotilla

#include "service/run_service.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/crash_point.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "base/overloaded.hpp"
#include "core/indexed_text.hpp"

namespace flotilla {

namespace {

/// The digest of the image that the definition's name stands for now.
std::string checked_image(const Definition& definition, ImageCheck& images) {
    const auto reference = parse_image_reference(definition.image);
    if (!reference) {
        throw not_found("image [{}] was not found in any of the configured repositories", definition.image);
    }
    return std::visit(
        Overloaded{
            [](const ImagePresent& present) { return present.digest; },
            [&](const ImageAbsent&) -> std::string {
                throw not_found("image [{}] was not found in any of the configured repositories",
                                definition.image);
            },
            [&](const ImageUnknown& unknown) -> std::string {
                throw unavailable("image [{}] is not on this host, and nobody can say whether it exists: {}",
                                  definition.image, unknown.reason);
            },
        },
        images.check(*reference));
}

RunSpec spec_of(const Definition& definition, const std::string& image_digest) {
    return {.image = definition.image,
            .command = definition.command,
            .memory = definition.memory,
            .cpu = definition.cpu,
            .gpu = definition.gpu,
            .definition_env = definition.env,
            .ports = definition.ports,
            .container_user = definition.user,
            .image_digest = image_digest,
            .secrets = definition.secrets,
            .limits = definition.limits};
}

void check_key(const std::string& key) {
    constexpr std::size_t longest = 255;
    const bool is_plain =
        std::all_of(key.begin(), key.end(), [](unsigned char c) { return c > 0x20 && c < 0x7f; });
    if (key.size() > longest || !is_plain) {
        throw invalid("idempotence_key: up to {} visible ASCII characters without blanks, was {} bytes{}",
                      longest, key.size(), is_plain ? "" : " with others");
    }
}

void check_owner(const std::string& owner) {
    if (const auto mistake = indexed_text_mistake("run_tags: the owner", owner)) {
        throw invalid("{}", *mistake);
    }
}

void check_fits(const Definition& definition, const Cluster& cluster) {
    if (definition.memory >= cluster.memory) {
        throw invalid("definition [{}] cannot be run on cluster [{}]", definition.id.value, cluster.name);
    }
    if (cluster.cpu && definition.cpu.value_or(0) > *cluster.cpu) {
        throw invalid("definition [{}] cannot be run on cluster [{}]: it asks for {}/1000 of a core of {}",
                      definition.id.value, cluster.name, *definition.cpu, *cluster.cpu);
    }
    if (definition.gpu.value_or(0) > cluster.gpu) {
        throw invalid(
            "definition [{}] cannot be run on cluster [{}]: it asks for {} GPU{}, the cluster has {}",
            definition.id.value, cluster.name, *definition.gpu, *definition.gpu == 1 ? "" : "s",
            cluster.gpu == 0 ? "none" : fmt::format("{}", cluster.gpu));
    }
}

}  // namespace

RunService::RunService(RunStore& runs, DefinitionService& definitions, const Clusters& clusters, Clock& clock,
                       IdMaker& ids, Random& random, RunServiceOptions options)
    : runs_(runs),
      definitions_(definitions),
      clusters_(clusters),
      clock_(clock),
      ids_(ids),
      random_(random),
      options_(std::move(options)) {}

Env RunService::reserved_env(const RunId& id, const std::string& owner) const {
    return {{"FLOTILLA_SERVER_MODE", options_.server_mode},
            {"FLOTILLA_RUN_ID", id.value},
            {options_.owner_variable, owner}};
}

void RunService::check_env(const Env& env) const {
    if (const auto mistakes = env_mistakes(env); !mistakes.empty()) {
        throw invalid("{}", fmt::join(mistakes, "\n"));
    }
    for (const EnvVar& reserved : reserved_env({}, {})) {
        if (find_env(env, reserved.name) != nullptr) {
            throw conflict("environment variable {} is reserved", reserved.name);
        }
    }
}

/// One that is not known, or that nothing may be sent to.
void RunService::refuse_cluster(const std::string& name) const {
    clusters_.search();
    if (const auto gap = clusters_.gap()) {
        throw unavailable("cluster [{}] is not known, and there may be more than are: {}", name, *gap);
    }
    throw invalid("cluster [{}] does not exist, the clusters are: {}", name,
                  fmt::join(clusters_.names(), ", "));
}

Run RunService::execute(const Definition& stored, const ExecuteRequest& request) {
    if (!request.idempotence_key.empty()) {
        check_key(request.idempotence_key);
        if (auto first = runs_.find_by_key(stored.id, request.idempotence_key, clock_.now())) {
            return *std::move(first);
        }
    }
    check_owner(request.owner);
    check_overrides(request.overrides);
    check_env(request.env);
    const Definition definition = with_overrides(stored, request.overrides);
    const std::string& cluster_name = request.cluster ? *request.cluster : options_.default_cluster;
    const ServedCluster* served = clusters_.find_configured(cluster_name);
    if (served == nullptr) {
        refuse_cluster(cluster_name);
    }
    if (definition.memory <= 0) {  // of the original there may be such
        throw invalid("int [memory] must be specified");
    }
    const std::string image_digest = checked_image(definition, served->images);
    check_fits(definition, served->cluster);
    served->secrets.check(definition.secrets);

    Run run;
    run.id = {ids_.uuid()};
    run.definition_id = definition.id;
    run.alias = definition.alias;
    run.group_name = definition.group_name;
    run.cluster = cluster_name;
    run.engine = served->cluster.engine;
    run.owner = request.owner;
    run.executed_by = request.by;
    run.description = definition.description;
    run.labels = definition.labels;
    run.spec = spec_of(definition, image_digest);
    run.env = reserved_env(run.id, request.owner);
    run.env.insert(run.env.end(), request.env.begin(), request.env.end());
    if (served->preparation != nullptr) {
        const Definition registered = definitions_.registered(stored);
        run.definition_arn = registered.arn;
        run.engine_request = served->preparation->request_of(registered, run);
        run.log_location = served->preparation->log_location();
    }
    run.queued_at = clock_.now();
    run.attempt.queued_at = run.queued_at;
    run.idempotence_key = request.idempotence_key;
    crash_point("execute.before_store");
    Run inserted = runs_.insert(run);
    crash_point("execute.stored");
    served->submit_wake.notify();
    return inserted;
}

Run RunService::get(const RunId& id) {
    auto run = runs_.find(id);
    if (!run) {
        throw not_found("Run with id {} not found", id.value);
    }
    return *std::move(run);
}

ListQuery RunService::list_query(const QueryParameters& parameters) {
    for (const auto& [name, value] : parameters) {
        if (name == "definition_id") {
            static_cast<void>(definitions_.get({value}));
        }
    }
    return parse_list_query(parameters, run_fields());
}

Page<Run> RunService::list(const ListQuery& query) {
    return runs_.list(query);
}

void RunService::stop(const RunId& id, const std::string& by) {
    const Run run = get(id);
    if (run.status == RunStatus::stopped) {
        throw invalid("invalid run, state: {}, arn: {}, clusterName: {}", to_string(run.status),
                      run.attempt.handle, run.cluster);
    }
    // A retry may begin in between, so the wish is repeated until it stands on the current attempt.
    auto stored = runs_.advance(id, {run.attempt.number, StopRequested{clock_.now(), by}});
    while (stored && !stored->stop_requested_at && stored->status != RunStatus::stopped) {
        stored = runs_.advance(id, {stored->attempt.number, StopRequested{clock_.now(), by}});
    }
    crash_point("stop.stored");
    log_event("run_stop_requested", {{"run_id", id.value}, {"by", by}});
    if (const ServedCluster* served = clusters_.find(run.cluster)) {
        served->stop_wake.notify();
    }
}

void RunService::report(const RunId& id, const StatusReport& report) {
    const auto status = parse_run_status(report.status);
    if (!status) {
        throw invalid("status {} is invalid", report.status);
    }
    const Run run = get(id);
    const auto now = clock_.now();
    runs_.advance(id, {run.attempt.number,
                       Reported{now, *status, report.exit_code, {options_.retry, now, random_.unit()}}});
    crash_point("report.stored");
    log_event("run_reported", {{"run_id", id.value}, {"status", report.status}});
    if (const ServedCluster* served = clusters_.find(run.cluster)) {
        served->stop_wake.notify();
    }
}

std::vector<std::string> RunService::cluster_names() const {
    return clusters_.names();
}

}  // namespace flotilla

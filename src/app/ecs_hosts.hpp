#pragma once

#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "app/host_parts.hpp"
#include "base/random.hpp"
#include "engine/ecs/ecr_registry.hpp"
#include "engine/ecs/ecs_engine.hpp"
#include "engine/ecs/ecs_image_check.hpp"
#include "engine/ecs/ecs_preparation.hpp"
#include "engine/ecs/ecs_secrets.hpp"
#include "logs/cloudwatch/cloudwatch_log_reader.hpp"
#include "logs/cloudwatch/log_group.hpp"
#include "net/aws/credential_chain.hpp"
#include "net/curl_http_client.hpp"
#include "queue/sqs/sqs_run_queue.hpp"
#include "service/object_renewal.hpp"
#include "store/run_store.hpp"

namespace flotilla {

/// What the ECS clusters share: the account that they are in.
class EcsHosts {
public:
    /// `runs`: those on ECS. `cluster_wake` is woken when one of them is on a cluster that has no engine
    /// here.
    EcsHosts(HostParts& host, DefinitionStore& definitions, RunStore& runs, Wake& cluster_wake,
             MetricRegistry& metrics);

    [[nodiscard]] std::unique_ptr<Engine> make_engine(const ClusterConfig& cluster);
    /// Where runs of all clusters wait with `queue_manager: sqs`. What is passed by reference outlives it.
    [[nodiscard]] std::unique_ptr<SqsRunQueue> make_queue(SqlDatabase& database, Clock& clock,
                                                          RunMetrics& run_metrics);
    [[nodiscard]] AccountClusters& clusters() { return clusters_; }

    [[nodiscard]] ImageCheck& images() { return images_; }
    [[nodiscard]] SecretCheck& secrets() { return secrets_; }
    [[nodiscard]] LogReader& logs() { return logs_; }
    [[nodiscard]] Preparation& preparation() { return preparation_; }

    /// The clusters of the account, when the server starts; see `AccountClusters::names`.
    [[nodiscard]] std::optional<std::vector<std::string>> first_clusters();
    /// Makes the log group, which tasks need; if that cannot be done now it is tried again later, and so it
    /// is where somebody removes it.
    void prepare();

    /// Nobody waits for AWS any more.
    void cancel() {
        ecr_check_.cancel();
        aws_.cancel();
    }

private:
    [[nodiscard]] std::vector<std::string> log_losses();
    void keep_log_group(bool is_there, const std::stop_token& stop);

    HostParts& host_;
    EcsSettings settings_;
    CurlHttpClient http_;
    SystemRandom random_;
    AwsCredentialChain credentials_;
    AwsClient aws_;
    OptionalActions optional_;
    AccountClusters clusters_;
    Instances instances_;
    ParkedMessages parked_;
    TaskEvents events_;
    EcsPreparation preparation_;
    ObjectRenewal renewal_;
    EcsSecrets secrets_;
    EcrRegistry ecr_;
    RegistryCheck ecr_check_;
    EcsImageCheck images_;
    LogGroup log_group_;
    CloudWatchLogReader logs_;
    std::jthread log_group_thread_;
};

}  // namespace flotilla

#include "wire/operations_answers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "wire/json_writer.hpp"

namespace flotilla {

namespace {

/// Everything that is wrong, in one line.
std::string all_troubles(const Readiness& readiness) {
    std::vector<std::string> troubles;
    if (readiness.is_stopping) {
        troubles.emplace_back("the server is stopping");
    }
    if (readiness.store) {
        troubles.push_back(fmt::format("store: {}", *readiness.store));
    }
    for (const ClusterReadiness& cluster : readiness.clusters) {
        if (cluster.trouble) {
            troubles.push_back(fmt::format("cluster {}: {}", cluster.cluster, *cluster.trouble));
        }
    }
    return fmt::format("not ready: {}", fmt::join(troubles, "; "));
}

}  // namespace

std::string health_json() {
    JsonWriter json;
    json.begin_object().member("status", "ok").end_object();
    return json.finish();
}

std::string readiness_json(const Readiness& readiness) {
    JsonWriter json;
    json.begin_object();
    if (readiness.is_ready()) {
        json.member("status", "ready");
    } else {
        json.member("error", all_troubles(readiness));
    }
    json.key("checks").begin_object();
    json.member("store", readiness.store.value_or("ok"));
    json.key("clusters").begin_object();
    for (const ClusterReadiness& cluster : readiness.clusters) {
        json.member(cluster.cluster, cluster.trouble.value_or("ok"));
    }
    json.end_object();
    if (!readiness.losses.empty()) {
        json.key("losses").begin_object();
        for (const auto& [cluster, losses] : readiness.losses) {
            json.key(cluster).begin_list();
            for (const std::string& loss : losses) {
                json.text(loss);
            }
            json.end_list();
        }
        json.end_object();
    }
    json.end_object().end_object();
    return json.finish();
}

}  // namespace flotilla

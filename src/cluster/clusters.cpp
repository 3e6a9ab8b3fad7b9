#include "cluster/clusters.hpp"

#include <algorithm>

namespace flotilla {

namespace {

template <typename Entries>
auto find_entry(Entries& entries, const std::string& name) {
    return std::find_if(entries.begin(), entries.end(),
                        [&](const auto& entry) { return entry.served.cluster.name == name; });
}

}  // namespace

Clusters::Clusters(const std::vector<ServedCluster>& clusters, Wake* search_wake)
    : search_wake_(search_wake) {
    for (const ServedCluster& cluster : clusters) {
        add(cluster, true);
    }
}

void Clusters::add(const ServedCluster& cluster, bool is_configured) {
    entries_.lock()->push_back({cluster, is_configured});
}

void Clusters::configure(const std::string& name, bool is_configured) {
    auto entries = entries_.lock();
    const auto found = find_entry(*entries, name);
    if (found != entries->end()) {
        found->is_configured = is_configured;
    }
}

const ServedCluster* Clusters::find(const std::string& name) const {
    auto entries = entries_.lock();
    const auto found = find_entry(*entries, name);
    return found == entries->end() ? nullptr : &found->served;
}

std::vector<const ServedCluster*> Clusters::all() const {
    std::vector<const ServedCluster*> all;
    auto entries = entries_.lock();
    for (const Entry& entry : *entries) {
        all.push_back(&entry.served);
    }
    return all;
}

const ServedCluster* Clusters::find_configured(const std::string& name) const {
    auto entries = entries_.lock();
    const auto found = find_entry(*entries, name);
    return found == entries->end() || !found->is_configured ? nullptr : &found->served;
}

std::vector<const ServedCluster*> Clusters::configured() const {
    std::vector<const ServedCluster*> configured;
    auto entries = entries_.lock();
    for (const Entry& entry : *entries) {
        if (entry.is_configured) {
            configured.push_back(&entry.served);
        }
    }
    return configured;
}

std::vector<std::string> Clusters::names() const {
    std::vector<std::string> names;
    for (const ServedCluster* served : configured()) {
        names.push_back(served->cluster.name);
    }
    return names;
}

}  // namespace flotilla

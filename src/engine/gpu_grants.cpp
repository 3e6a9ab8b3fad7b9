#include "engine/gpu_grants.hpp"

#include <set>

namespace flotilla {

void GpuGrants::add(int count) {
    grants_.lock()->count += count;
}

std::optional<std::vector<int>> GpuGrants::grant(const AttemptName& name, int count) {
    auto grants = grants_.lock();
    if (const auto found = grants->held.find(name); found != grants->held.end()) {
        return found->second;
    }
    std::set<int> taken;
    for (const auto& [holder, gpus] : grants->held) {
        taken.insert(gpus.begin(), gpus.end());
    }
    std::vector<int> granted;
    for (int gpu = 0; gpu < grants->count && static_cast<int>(granted.size()) < count; ++gpu) {
        if (!taken.contains(gpu)) {
            granted.push_back(gpu);
        }
    }
    if (static_cast<int>(granted.size()) < count) {
        return std::nullopt;
    }
    grants->held.emplace(name, granted);
    return granted;
}

void GpuGrants::hold(const AttemptName& name, const std::vector<int>& gpus) {
    if (!gpus.empty()) {
        grants_.lock()->held.insert_or_assign(name, gpus);
    }
}

void GpuGrants::release(const AttemptName& name) {
    grants_.lock()->held.erase(name);
}

std::optional<std::vector<int>> grant_gpus(GpuGrants* grants, const Task& task) {
    const auto count = static_cast<int>(task.gpu.value_or(0));
    if (count == 0) {
        return std::vector<int>{};
    }
    return grants != nullptr ? grants->grant(task.name, count) : std::nullopt;
}

void release_gpus(GpuGrants* grants, const AttemptName& name) {
    if (grants != nullptr) {
        grants->release(name);
    }
}

}  // namespace flotilla

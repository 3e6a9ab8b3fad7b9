#include "core/env.hpp"

#include <unordered_map>

namespace flotilla {

Env merged_env(const std::vector<const Env*>& lists) {
    Env merged;
    std::unordered_map<std::string, std::size_t> place;
    for (const Env* list : lists) {
        for (const EnvVar& variable : *list) {
            const auto [at, is_new] = place.try_emplace(variable.name, merged.size());
            if (is_new) {
                merged.push_back(variable);
            } else {
                merged[at->second].value = variable.value;
            }
        }
    }
    return merged;
}

const std::string* find_env(const Env& env, const std::string& name) {
    for (auto variable = env.rbegin(); variable != env.rend(); ++variable) {
        if (variable->name == name) {
            return &variable->value;
        }
    }
    return nullptr;
}

}  // namespace flotilla

#include "engine/ecs/definition_renewals.hpp"

#include <chrono>

namespace flotilla {

namespace {

constexpr std::size_t most_at_once = 4;
constexpr std::chrono::milliseconds longest_wait{250};  // for one that AWS answers at once

}  // namespace

DefinitionRenewals::Result DefinitionRenewals::renew(const RunId& run, const std::string& definition) {
    std::shared_future<bool> result;
    {
        auto tries = tries_.lock();
        auto found = tries->find(definition);
        if (found == tries->end()) {
            if (tries->size() >= most_at_once) {
                return Result::under_way;
            }
            auto begun =
                std::async(std::launch::async, [this, run, definition] { return renew_(run, definition); });
            found = tries->emplace(definition, begun.share()).first;
        }
        result = found->second;
    }
    if (result.wait_for(longest_wait) != std::future_status::ready) {
        return Result::under_way;
    }
    forget_ended(definition);
    return result.get() ? Result::renewed : Result::lost;
}

/// Not a try that another has begun since.
void DefinitionRenewals::forget_ended(const std::string& definition) {
    auto tries = tries_.lock();
    const auto found = tries->find(definition);
    if (found != tries->end() &&
        found->second.wait_for(std::chrono::seconds{0}) == std::future_status::ready) {
        tries->erase(found);
    }
}

}  // namespace flotilla

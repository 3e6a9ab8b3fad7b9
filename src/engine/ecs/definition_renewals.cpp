#include "engine/ecs/definition_renewals.hpp"

#include <chrono>

namespace flotilla {

namespace {

constexpr std::size_t most_at_once = 4;
constexpr std::chrono::milliseconds longest_wait{250};  // for one that AWS answers at once

bool has_ended(const std::shared_future<bool>& result) {
    return result.wait_for(std::chrono::seconds{0}) == std::future_status::ready;
}

}  // namespace

DefinitionRenewals::Result DefinitionRenewals::renew(const RunId& run, const std::string& definition) {
    std::shared_future<bool> result;
    {
        auto tries = tries_.lock();
        forget_others_that_ended(*tries, definition);
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

/// Of which nobody asked for the end: their runs name another by then, or wait no more.
void DefinitionRenewals::forget_others_that_ended(Tries& tries, const std::string& definition) {
    std::erase_if(tries,
                  [&](const auto& entry) { return entry.first != definition && has_ended(entry.second); });
}

/// Not a try that another has begun since.
void DefinitionRenewals::forget_ended(const std::string& definition) {
    auto tries = tries_.lock();
    const auto found = tries->find(definition);
    if (found != tries->end() && has_ended(found->second)) {
        tries->erase(found);
    }
}

}  // namespace flotilla

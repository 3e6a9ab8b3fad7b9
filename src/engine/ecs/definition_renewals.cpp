#include "engine/ecs/definition_renewals.hpp"

#include <chrono>
#include <tuple>

#include "base/error.hpp"

namespace flotilla {

namespace {

constexpr std::size_t most_at_once = 4;
constexpr std::chrono::milliseconds longest_wait{250};  // for one that AWS answers at once

bool has_ended(const std::shared_future<bool>& result) {
    return result.wait_for(std::chrono::seconds{0}) == std::future_status::ready;
}

bool has_failed(const std::shared_future<bool>& result) {
    if (!has_ended(result)) {
        return false;
    }
    try {
        std::ignore = result.get();
        return false;
    } catch (const Error&) {
        return true;
    }
}

}  // namespace

DefinitionRenewals::Result DefinitionRenewals::renew(const RunId& run, const std::string& definition) {
    std::shared_future<bool> result;
    std::shared_future<bool> failure;  ///< of which nobody was told
    {
        auto tries = tries_.lock();
        forget_others_that_ended(*tries, definition);
        auto found = tries->find(definition);
        if (found != tries->end() && has_failed(found->second)) {
            failure = found->second;
            tries->erase(found);
            found = tries->end();
        }
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
        if (failure.valid()) {
            std::ignore = failure.get();
        }
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

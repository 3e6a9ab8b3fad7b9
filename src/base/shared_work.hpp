#pragma once

#include <future>
#include <map>
#include <string>

#include "base/guarded.hpp"

namespace flotilla {

/// Work that several threads ask for at once is done by the first of them; the others wait and get its result
/// or its exception.
template <typename Result>
class SharedWork {
public:
    template <typename Work>
    Result once(const std::string& key, Work work) {
        std::promise<Result> promise;
        std::shared_future<Result> result;
        bool first = false;
        {
            auto running = running_.lock();
            const auto [at, inserted] = running->try_emplace(key);
            first = inserted;
            if (first) {
                at->second = promise.get_future().share();
            }
            result = at->second;
        }
        if (first) {
            try {
                promise.set_value(work());
            } catch (...) {
                promise.set_exception(std::current_exception());
            }
            running_.lock()->erase(key);
        }
        return result.get();
    }

private:
    Guarded<std::map<std::string, std::shared_future<Result>>> running_;
};

}  // namespace flotilla

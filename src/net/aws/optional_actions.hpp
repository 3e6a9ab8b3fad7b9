#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/guarded.hpp"
#include "base/log.hpp"
#include "net/aws/client.hpp"

namespace flotilla {

/// The actions of AWS without which the rest goes on: once AWS has denied one it is asked no more until the
/// server starts again, and that is said once. Safe to call from any thread.
class OptionalActions {
public:
    /// What `ask` gives; nothing if it was denied, now or before. Other errors go through. `gives` is what
    /// there is not without it, such as `the host names of runs`.
    template <typename Ask>
    auto attempt(const std::string& gives, Ask ask) -> std::optional<decltype(ask())> {
        if (denied_.lock()->contains(gives)) {
            return std::nullopt;
        }
        try {
            return ask();
        } catch (const AwsError& error) {
            if (!error.is_denied()) {
                throw;
            }
            if (denied_.lock()->emplace(gives, error.what()).second) {
                log_warning("{}; without it there is not: {}", error.what(), gives);
            }
            return std::nullopt;
        }
    }

    /// What there is not, each with why in one line.
    [[nodiscard]] std::vector<std::string> losses() {
        std::vector<std::string> all;
        for (const auto& [gives, why] : *denied_.lock()) {
            all.push_back(fmt::format("{}: {}", gives, why));
        }
        return all;
    }

private:
    Guarded<std::map<std::string, std::string>> denied_;  ///< why, by what it gives
};

}  // namespace flotilla

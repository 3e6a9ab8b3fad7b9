#pragma once

#include <optional>
#include <string>
#include <utility>

#include "base/guarded.hpp"
#include "base/log.hpp"
#include "net/aws/client.hpp"

namespace flotilla {

/// An action of AWS without which the rest goes on: once AWS has denied it, it is asked no more, and that is
/// said once. Safe to call from any thread.
class OptionalAction {
public:
    /// `lost` is what there is not without it, such as `the host names of runs`.
    explicit OptionalAction(std::string lost) : lost_(std::move(lost)) {}

    /// What `ask` gives; nothing if it was denied, now or before. Other errors go through.
    template <typename Ask>
    auto attempt(Ask ask) -> std::optional<decltype(ask())> {
        if (denial()) {
            return std::nullopt;
        }
        try {
            return ask();
        } catch (const AwsError& error) {
            if (!error.is_denied()) {
                throw;
            }
            log_warning("{}; without it there is not: {}", error.what(), lost_);
            *denial_.lock() = error.what();
            return std::nullopt;
        }
    }

    /// Why it is not done; nothing while it is.
    [[nodiscard]] std::optional<std::string> denial() { return *denial_.lock(); }

private:
    std::string lost_;
    Guarded<std::optional<std::string>> denial_;
};

}  // namespace flotilla

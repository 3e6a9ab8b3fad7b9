#pragma once

#include <cstdint>
#include <string>

#include "engine/local/launcher/protocol.hpp"

namespace flotilla::launcher {

/// `sentence: No space left on device (ENOSPC)`
[[nodiscard]] std::string with_error(std::string sentence, int error);

/// Where the set-up of one container says how it went. Every step that fails ends it: a container is never
/// started half made.
class Answer {
public:
    explicit Answer(int socket) : socket_(socket) {}

    void process(int pidfd) const;
    void started(std::int64_t at) const;
    void failed(Cause cause, const std::string& sentence) const;

    /// Says so and ends this process.
    [[noreturn]] void give_up(Cause cause, const std::string& sentence) const;
    /// Gives up, with `step` and errno, unless `succeeded`.
    void require(bool succeeded, const char* step) const {
        if (!succeeded) {
            give_up_with_errno(step);
        }
    }

private:
    [[noreturn]] void give_up_with_errno(const char* step) const;

    int socket_;
};

}  // namespace flotilla::launcher

#pragma once

#include <string>
#include <string_view>

namespace flotilla {

/// Makes the ids of new things, so that a simulation can make them repeatable.
class IdMaker {
public:
    IdMaker() = default;
    IdMaker(const IdMaker&) = delete;
    IdMaker& operator=(const IdMaker&) = delete;
    virtual ~IdMaker() = default;
    /// A new UUID, version 4 (RFC 4122), lower case.
    [[nodiscard]] virtual std::string uuid() = 0;
};

/// UUIDs from the kernel's random numbers. Safe to call from any thread.
class RandomIdMaker final : public IdMaker {
public:
    std::string uuid() override;
};

}  // namespace flotilla

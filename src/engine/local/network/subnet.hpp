#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace flotilla {

/// The addresses of private networks, IPv4. The first belongs to the host, each of the others to one run.
class Subnet {
public:
    /// `10.87.0.0/16`; throws `invalid` if that is none, or has no room for a run.
    explicit Subnet(std::string_view text);

    /// How many runs can have an address.
    [[nodiscard]] std::uint32_t size() const { return size_; }
    /// In host byte order.
    [[nodiscard]] std::uint32_t host_address() const { return first_; }
    /// That of a run, `index` below `size()`.
    [[nodiscard]] std::uint32_t run_address(std::uint32_t index) const { return first_ + 1 + index; }
    [[nodiscard]] bool contains(std::uint32_t address) const;
    /// `10.87.0.0/16`
    [[nodiscard]] std::string text() const;

private:
    std::uint32_t first_ = 0;
    std::uint32_t size_ = 0;
    int bits_ = 0;
};

/// `10.87.0.1`
[[nodiscard]] std::string ip_text(std::uint32_t address);

}  // namespace flotilla

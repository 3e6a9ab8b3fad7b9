#include "engine/local/network/subnet.hpp"

#include <charconv>

#include <arpa/inet.h>
#include <fmt/format.h>

#include "base/error.hpp"

namespace flotilla {

Subnet::Subnet(std::string_view text) {
    const auto slash = text.find('/');
    in_addr address{};
    const bool is_address = slash != std::string_view::npos &&
                            ::inet_pton(AF_INET, std::string(text.substr(0, slash)).c_str(), &address) == 1;
    if (is_address) {
        std::from_chars(text.data() + slash + 1, text.data() + text.size(), bits_);
    }
    if (!is_address || bits_ < 8 || bits_ > 29) {
        throw invalid("\"{}\" is not an IPv4 subnet such as 10.87.0.0/16", text);
    }
    constexpr std::uint32_t not_for_runs = 3;  // the network's own address, the host's, broadcast
    const std::uint32_t mask = ~std::uint32_t{0} << (32 - bits_);
    first_ = (ntohl(address.s_addr) & mask) + 1;
    size_ = ~mask + 1 - not_for_runs;
}

bool Subnet::contains(std::uint32_t address) const {
    return address >= first_ - 1 && address - (first_ - 1) <= size_ + 2;
}

std::string Subnet::text() const {
    return fmt::format("{}/{}", ip_text(first_ - 1), bits_);
}

std::string ip_text(std::uint32_t address) {
    return fmt::format("{}.{}.{}.{}", address >> 24U, (address >> 16U) & 0xffU, (address >> 8U) & 0xffU,
                       address & 0xffU);
}

}  // namespace flotilla

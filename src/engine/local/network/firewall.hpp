#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/local/network/subnet.hpp"

namespace flotilla {

/// What the names of the host's ends of all private networks begin with.
inline constexpr const char* link_prefix = "flt";

/// What a host lets its runs reach.
struct FirewallSettings {
    std::string table;  ///< the name of the table that holds all of it
    Subnet subnet;
    std::vector<std::string> resolvers;  ///< name servers of the host, IPv4; where all are on its loopback,
                                         ///< the first answers runs at the host's address in the subnet
    std::vector<std::uint16_t> open_ports;  ///< of this host, for jobs that report to the server
};

/// The commands for nft(8) that make the table, or make it anew with the forwarded ports that it has.
[[nodiscard]] std::string firewall_commands(const FirewallSettings& settings);

/// The name of the table of a data folder: two servers on one host each have their own.
[[nodiscard]] std::string firewall_table(const std::filesystem::path& data_dir);

/// A port of this host that goes to a run.
struct ForwardedPort {
    int port = 0;
    std::uint32_t address = 0;
};

/// The rules of the kernel's packet filter for private networks: what comes from a run goes out, by the
/// host's address, and neither to the host itself, nor to another run, nor to 169.254.0.0/16; what comes from
/// outside reaches a run by forwarded ports alone. Safe to call from any thread. Functions throw
/// `unavailable` with what the programs said.
class Firewall {
public:
    explicit Firewall(FirewallSettings settings) : settings_(std::move(settings)) {}

    /// Makes the rules, and turns on forwarding in the kernel.
    void set_up() const;
    /// Lets runs through a FORWARD chain of iptables that drops what it does not know, as Docker makes it.
    void pass_iptables() const;
    /// Takes all rules away.
    void tear_down() const;

    void forward(const std::vector<ForwardedPort>& ports) const;
    void close(const std::vector<int>& ports) const;

private:
    FirewallSettings settings_;
};

}  // namespace flotilla

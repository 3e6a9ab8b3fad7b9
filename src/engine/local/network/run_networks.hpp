#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/file.hpp"
#include "base/guarded.hpp"
#include "engine/local/network/firewall.hpp"
#include "engine/local/network/subnet.hpp"

namespace flotilla {

/// What network a cluster's runs have.
enum class RunNetwork {
    private_network,  ///< one of its own, from which it gets out, but not to this host or to other runs
    none,             ///< nothing but a loopback interface of its own
    host,             ///< the host's own
};

/// The network of one run. Nothing of it is left when no process is in it and no descriptor is open.
struct NetworkSpace {
    UniqueFd space;             ///< of the network namespace
    std::uint32_t address = 0;  ///< in a private network; 0: none
};

struct RunNetworkSettings {
    std::filesystem::path data_dir;
    std::string subnet;
    std::vector<std::string> resolvers;     ///< see FirewallSettings
    std::vector<std::uint16_t> open_ports;  ///< as there
};

/// Makes the networks of runs, some ahead, so that a start does not wait for them, and gives those that their
/// runs left as they found them to others. Safe to call from any
/// thread. An engine that no cluster wants private networks from asks nothing of this host.
class RunNetworks {
public:
    explicit RunNetworks(RunNetworkSettings settings);
    RunNetworks(const RunNetworks&) = delete;
    RunNetworks& operator=(const RunNetworks&) = delete;
    /// Takes away the rules of private networks if no run has one.
    ~RunNetworks();

    /// Makes this host ready for such networks. Throws `unavailable` with the reason if it cannot have them.
    void prepare(RunNetwork kind);

    /// Makes the rules of private networks anew, if there are any. Throws `unavailable`.
    void renew();

    /// A network for one run. Throws `unavailable` if none can be made.
    [[nodiscard]] NetworkSpace take(RunNetwork kind);
    /// That of a run of which no process is alive any more: another run gets it if nothing tells it from a
    /// new one.
    void give_back(RunNetwork kind, NetworkSpace space);

    /// The address of this host in private networks.
    [[nodiscard]] std::string host_address() const { return ip_text(subnet_.host_address()); }

    /// Takes TCP ports of this host without listening to them. Throws `unavailable` if another program has
    /// one.
    [[nodiscard]] static std::vector<UniqueFd> hold(const std::vector<int>& ports);
    /// Lets ports of this host lead to a run in a private network, and holds them.
    [[nodiscard]] std::vector<UniqueFd> forward(const std::vector<int>& ports, std::uint32_t address);
    /// They lead nowhere any more.
    void close(const std::vector<int>& ports);

private:
    /// Networks of one kind that wait for their runs.
    struct Stock {
        bool wanted = false;
        std::deque<NetworkSpace> made;
        std::deque<NetworkSpace> returned;  ///< of ended runs, not looked at yet
        std::string failure;                ///< why the last one could not be made; empty: it could
    };
    /// By kind; the host's own needs none.
    using Stocks = std::array<Stock, 2>;
    struct Work {
        RunNetwork kind;
        std::optional<NetworkSpace> returned;  ///< nothing: one is to be made
    };

    void fill(const std::stop_token& stop);
    [[nodiscard]] std::optional<Work> next_work(const std::stop_token& stop);
    void make_one(RunNetwork kind);
    void look_at(RunNetwork kind, NetworkSpace returned);
    void add(RunNetwork kind, NetworkSpace space);
    [[nodiscard]] NetworkSpace make(RunNetwork kind);
    [[nodiscard]] std::uint32_t join(int space);

    RunNetworkSettings settings_;
    std::uint32_t group_;
    Subnet subnet_;
    Firewall firewall_;
    UniqueFd host_space_;
    Guarded<Stocks> stocks_;
    std::condition_variable_any changed_;
    std::uint32_t next_ = 0;          ///< the index of the address that is tried next; the thread's
    bool is_iptables_asked_ = false;  ///< the thread's
    std::jthread filler_;             ///< last: it uses all of the above
};

}  // namespace flotilla

#include "engine/local/network/run_networks.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <random>
#include <system_error>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/log.hpp"
#include "engine/local/data_folder_hash.hpp"
#include "engine/local/network/links.hpp"
#include "engine/local/run_folder.hpp"

namespace flotilla {

namespace {

/// Enough for the starts of a few milliseconds: making one takes about one.
constexpr std::size_t stock_size = 8;
/// As many as runs that end within a few hundredths of a second give back.
constexpr std::size_t most_in_stock = 32;
constexpr std::chrono::seconds longest_wait{10};
constexpr const char* run_link = "eth0";

std::string link_name(std::uint32_t address) {
    return fmt::format("{}{:08x}", link_prefix, address);
}

UniqueFd own_space() {
    UniqueFd space(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    if (!space) {
        throw_errno("cannot open the network namespace");
    }
    return space;
}

/// Where a kernel has no such value there is nothing to set.
void set_kernel_value(const std::string& path, const char* value) {
    const UniqueFd file(::open(("/proc/sys/net/" + path).c_str(), O_WRONLY | O_CLOEXEC));
    if (!file ? errno != ENOENT : ::write(file.get(), value, std::string_view(value).size()) < 0) {
        throw_errno("cannot set net/" + path);
    }
}

/// This thread is in another network namespace as long as this lives.
class Visit {
public:
    /// Of a new one.
    explicit Visit(const UniqueFd& host) : host_(host) {
        if (::unshare(CLONE_NEWNET) != 0) {
            throw_errno("cannot make a network namespace");
        }
    }
    Visit(const UniqueFd& host, const UniqueFd& space) : host_(host) {
        if (::setns(space.get(), CLONE_NEWNET) != 0) {
            throw_errno("cannot enter a network namespace");
        }
    }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;
    ~Visit() {
        if (::setns(host_.get(), CLONE_NEWNET) != 0) {
            std::terminate();  // whatever this thread did next it would do in the network of a run
        }
    }

private:
    const UniqueFd& host_;
};

/// A job has no capabilities over its network: what it would need them for is free for all. There is no
/// IPv6 beyond the loopback interface, since nothing routes it.
void set_up_own_space() {
    set_kernel_value("ipv4/ip_unprivileged_port_start", "0");
    set_kernel_value("ipv4/ping_group_range", "0 2147483647");
    set_kernel_value("ipv6/conf/default/disable_ipv6", "1");
    Links().bring_up("lo");
}

/// Whether an interface in such a text as /proc/net/dev has counted anything; see proc_net(5).
bool has_counted(std::string_view links) {
    for (std::size_t colon = links.find(':'); colon != std::string_view::npos;
         colon = links.find(':', colon)) {
        const auto counters = links.substr(colon, links.find('\n', colon) - colon);
        if (counters.find_first_of("123456789") != std::string_view::npos) {
            return true;
        }
        colon += counters.size();
    }
    return false;
}

/// Whether no packet has ever passed in the network that this thread is in, and no socket is open. A job can
/// change nothing else of its network, as it has no capabilities over it.
bool is_like_new_here() {
    const std::string links = read_file("/proc/thread-self/net/dev").value();
    const std::string sockets = read_file("/proc/thread-self/net/sockstat").value();
    return !has_counted(links) && sockets.starts_with("sockets: used 0\n");
}

/// The links of a data folder's runs.
std::uint32_t link_group(const std::filesystem::path& data_dir) {
    constexpr int hexadecimal = 16;
    return static_cast<std::uint32_t>(std::stoul(data_folder_hash(data_dir), nullptr, hexadecimal));
}

FirewallSettings firewall_settings(const RunNetworkSettings& settings, const Subnet& subnet) {
    return {.table = firewall_table(settings.data_dir),
            .subnet = subnet,
            .resolvers = settings.resolvers,
            .open_ports = settings.open_ports};
}

/// An address of this host, other than those of private networks, that lies in the subnet.
std::optional<std::string> address_in(const Subnet& subnet) {
    ifaddrs* all = nullptr;
    if (::getifaddrs(&all) != 0) {
        return std::nullopt;
    }
    const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> held(all, ::freeifaddrs);
    for (const ifaddrs* entry = all; entry != nullptr; entry = entry->ifa_next) {
        if (entry->ifa_addr == nullptr || entry->ifa_addr->sa_family != AF_INET ||
            std::string_view(entry->ifa_name).starts_with(link_prefix)) {
            continue;
        }
        sockaddr_in found{};
        std::copy_n(reinterpret_cast<const char*>(entry->ifa_addr), sizeof found,
                    reinterpret_cast<char*>(&found));
        const std::uint32_t address = ntohl(found.sin_addr.s_addr);
        if (subnet.contains(address)) {
            return fmt::format("{} of {}", ip_text(address), entry->ifa_name);
        }
    }
    return std::nullopt;
}

UniqueFd hold_port(int port) {
    UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    if (!socket || ::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        throw unavailable("port {} of this host cannot be forwarded: {}", port,
                          std::generic_category().message(errno));
    }
    return socket;
}

}  // namespace

RunNetworks::RunNetworks(RunNetworkSettings settings)
    : settings_(std::move(settings)),
      group_(link_group(settings_.data_dir)),
      subnet_(settings_.subnet),
      firewall_(firewall_settings(settings_, subnet_)),
      host_space_(own_space()),
      // Where an engine before this one left off it may still have runs.
      next_(std::random_device{}() % subnet_.size()),
      filler_([this](const std::stop_token& stop) { fill(stop); }) {}

RunNetworks::~RunNetworks() {
    filler_.request_stop();
    filler_.join();
    const Stock& own = stocks_.lock()->at(static_cast<std::size_t>(RunNetwork::private_network));
    if (!own.wanted) {
        return;
    }
    try {
        Links links;
        for (const auto* const spaces : {&own.made, &own.returned}) {
            for (const NetworkSpace& space : *spaces) {
                links.remove(link_name(space.address));
            }
        }
        // The kernel takes the links of ended runs away only in a while.
        if (list_run_folders(settings_.data_dir).empty() || !links.has_any_of(group_)) {
            firewall_.tear_down();
        }
    } catch (const std::system_error& error) {
        log_debug("private networks: {}", error.what());
    }
}

void RunNetworks::prepare(RunNetwork kind) {
    if (kind == RunNetwork::host) {
        return;
    }
    const bool is_ready = stocks_.lock()->at(static_cast<std::size_t>(kind)).wanted;
    if (kind == RunNetwork::private_network && !is_ready) {
        if (const auto taken = address_in(subnet_)) {
            throw unavailable("network.subnet {} has the address {} of this host in it; say another",
                              subnet_.text(), *taken);
        }
        firewall_.set_up();
    }
    stocks_.lock()->at(static_cast<std::size_t>(kind)).wanted = true;
    changed_.notify_all();
}

void RunNetworks::renew() {
    if (stocks_.lock()->at(static_cast<std::size_t>(RunNetwork::private_network)).wanted) {
        firewall_.set_up();
    }
}

NetworkSpace RunNetworks::take(RunNetwork kind) {
    if (kind == RunNetwork::host) {
        return {UniqueFd(::fcntl(host_space_.get(), F_DUPFD_CLOEXEC, 0)), 0};
    }
    auto stocks = stocks_.lock();
    Stock& stock = stocks->at(static_cast<std::size_t>(kind));
    stock.failure.clear();
    changed_.notify_all();
    changed_.wait_for(stocks.lock(), longest_wait,
                      [&] { return !stock.made.empty() || !stock.failure.empty(); });
    if (stock.made.empty()) {
        throw unavailable("its network cannot be made: {}",
                          stock.failure.empty() ? "it takes too long" : stock.failure);
    }
    NetworkSpace taken = std::move(stock.made.front());
    stock.made.pop_front();
    changed_.notify_all();
    return taken;
}

void RunNetworks::give_back(RunNetwork kind, NetworkSpace space) {
    if (kind != RunNetwork::host && space.space) {
        stocks_.lock()->at(static_cast<std::size_t>(kind)).returned.push_back(std::move(space));
        changed_.notify_all();
    }
}

/// The only thread that enters other networks.
void RunNetworks::fill(const std::stop_token& stop) {
    while (auto work = next_work(stop)) {
        if (work->returned) {
            look_at(work->kind, *std::move(work->returned));
        } else {
            make_one(work->kind);
        }
    }
}

std::optional<RunNetworks::Work> RunNetworks::next_work(const std::stop_token& stop) {
    auto stocks = stocks_.lock();
    const auto next = [&] {
        const auto returned =
            std::ranges::find_if(*stocks, [](const Stock& stock) { return !stock.returned.empty(); });
        return returned != stocks->end() ? returned : std::ranges::find_if(*stocks, [](const Stock& stock) {
            return stock.wanted && stock.made.size() < stock_size && stock.failure.empty();
        });
    };
    if (!changed_.wait(stocks.lock(), stop, [&] { return next() != stocks->end(); })) {
        return std::nullopt;
    }
    Stock& stock = *next();
    Work work{static_cast<RunNetwork>(&stock - stocks->data()), std::nullopt};
    if (!stock.returned.empty()) {
        work.returned = std::move(stock.returned.front());
        stock.returned.pop_front();
    }
    return work;
}

void RunNetworks::make_one(RunNetwork kind) {
    try {
        if (kind == RunNetwork::private_network && !std::exchange(is_iptables_asked_, true)) {
            firewall_.pass_iptables();
        }
        add(kind, make(kind));
    } catch (const std::exception& error) {
        stocks_.lock()->at(static_cast<std::size_t>(kind)).failure = error.what();
        changed_.notify_all();
    }
}

void RunNetworks::look_at(RunNetwork kind, NetworkSpace returned) {
    try {
        const Visit visit(host_space_, returned.space);
        if (!is_like_new_here()) {
            return;
        }
    } catch (const std::exception& error) {
        log_debug("the network of a run is not used again: {}", error.what());
        return;
    }
    add(kind, std::move(returned));
}

void RunNetworks::add(RunNetwork kind, NetworkSpace space) {
    auto stocks = stocks_.lock();
    Stock& stock = stocks->at(static_cast<std::size_t>(kind));
    stock.failure.clear();
    if (stock.made.size() < most_in_stock) {
        stock.made.push_back(std::move(space));
    }
    changed_.notify_all();
}

NetworkSpace RunNetworks::make(RunNetwork kind) {
    NetworkSpace made;
    {
        const Visit visit(host_space_);
        made.space = own_space();
        set_up_own_space();
    }
    if (kind == RunNetwork::private_network) {
        made.address = join(made.space.get());
        const Visit visit(host_space_, made.space);
        Links links;
        links.bring_up(run_link);
        links.add_address(run_link, made.address, subnet_.host_address());
        links.add_default_route(subnet_.host_address());
    }
    return made;
}

/// Leads the network to this host, by the next address that nobody has: the name of the host's end says whose
/// it is, and there is one of a name only.
std::uint32_t RunNetworks::join(int space) {
    Links links;
    for (std::uint32_t tries = 0; tries < subnet_.size(); ++tries) {
        const std::uint32_t address = subnet_.run_address(next_);
        next_ = (next_ + 1) % subnet_.size();
        if (links.make_pair(link_name(address), group_, run_link, space)) {
            // So that this host's loopback addresses can be one end of what the firewall leads on.
            set_kernel_value("ipv4/conf/" + link_name(address) + "/route_localnet", "1");
            // The host says nothing by itself into a network that nobody has used.
            set_kernel_value("ipv6/conf/" + link_name(address) + "/disable_ipv6", "1");
            links.add_address(link_name(address), subnet_.host_address(), address);
            return address;
        }
    }
    throw unavailable("every address of network.subnet {} has a run", subnet_.text());
}

std::vector<UniqueFd> RunNetworks::hold(const std::vector<int>& ports) {
    std::vector<UniqueFd> held;
    held.reserve(ports.size());
    for (const int port : ports) {
        held.push_back(hold_port(port));
    }
    return held;
}

std::vector<UniqueFd> RunNetworks::forward(const std::vector<int>& ports, std::uint32_t address) {
    auto held = hold(ports);
    std::vector<ForwardedPort> forwarded;
    forwarded.reserve(ports.size());
    for (const int port : ports) {
        forwarded.push_back({port, address});
    }
    if (!forwarded.empty()) {
        firewall_.forward(forwarded);
    }
    return held;
}

void RunNetworks::close(const std::vector<int>& ports) {
    if (ports.empty()) {
        return;
    }
    try {
        firewall_.close(ports);
    } catch (const std::exception& error) {
        log_debug("forwarded ports: {}", error.what());
    }
}

}  // namespace flotilla

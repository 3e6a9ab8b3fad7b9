#include "engine/local/network/firewall.hpp"

#include <algorithm>
#include <chrono>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "base/subprocess.hpp"
#include "engine/local/data_folder_hash.hpp"

namespace flotilla {

namespace {

constexpr std::chrono::seconds patience{20};

void run_nft(const std::string& commands) {
    SubprocessResult result;
    try {
        result = run_subprocess({"nft", commands}, patience);
    } catch (const std::system_error&) {
        throw unavailable("the program nft is missing (Debian: apt install nftables)");
    }
    if (result.exit_code != 0) {
        throw unavailable("nft: {}", result.errors.substr(0, result.errors.find('\n')));
    }
}

bool run_iptables(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"iptables", "--wait"});
    return run_subprocess(arguments, patience).exit_code == 0;
}

/// The rules for iptables, without the command that comes first.
std::vector<std::vector<std::string>> iptables_rules() {
    const std::string links = std::string(link_prefix) + "+";
    return {{"FORWARD", "-i", links, "-j", "ACCEPT"}, {"FORWARD", "-o", links, "-j", "ACCEPT"}};
}

std::vector<std::string> with_command(const char* command, std::vector<std::string> rule) {
    rule.insert(rule.begin(), command);
    return rule;
}

void turn_on_forwarding() {
    constexpr const char* path = "/proc/sys/net/ipv4/ip_forward";
    if (read_file(path).value_or("").starts_with('1')) {
        return;
    }
    const UniqueFd file(::open(path, O_WRONLY | O_CLOEXEC));
    if (!file || ::write(file.get(), "1", 1) != 1) {
        throw unavailable("{} cannot be written: {}", path, std::generic_category().message(errno));
    }
    log_info("this host forwards packets from now on (net.ipv4.ip_forward), as private networks need it");
}

/// The name server that runs ask by way of this host; empty if they reach another.
std::string loopback_resolver(const std::vector<std::string>& resolvers) {
    const auto is_loopback = [](const std::string& address) { return address.starts_with("127."); };
    return !resolvers.empty() && std::ranges::all_of(resolvers, is_loopback) ? resolvers.front() : "";
}

}  // namespace

std::string firewall_table(const std::filesystem::path& data_dir) {
    return "flotilla_" + data_folder_hash(data_dir);
}

std::string firewall_commands(const FirewallSettings& settings) {
    const std::string own_resolver = loopback_resolver(settings.resolvers);
    const std::string redirect =
        own_resolver.empty() ? ""
                             : fmt::format(
                                   "    iifname \"{0}*\" ip daddr {1} meta l4proto {{ tcp, udp }} th dport "
                                   "53 dnat ip to {2}\n",
                                   link_prefix, ip_text(settings.subnet.host_address()), own_resolver);
    const std::string resolvers =
        settings.resolvers.empty()
            ? ""
            : fmt::format("    ip daddr {{ {} }} meta l4proto {{ tcp, udp }} th dport 53 accept\n",
                          fmt::join(settings.resolvers, ", "));
    const std::string server =
        settings.open_ports.empty()
            ? ""
            : fmt::format("    tcp dport {{ {} }} accept\n", fmt::join(settings.open_ports, ", "));
    // Declared first, so that it can be flushed whether it was there or not; a map keeps what it holds.
    return fmt::format(R"(table inet {table} {{
  map ports {{ type inet_service : ipv4_addr; }}
  chain input {{ type filter hook input priority filter; policy accept; }}
  chain forward {{ type filter hook forward priority filter; policy accept; }}
  chain prerouting {{ type nat hook prerouting priority dstnat; policy accept; }}
  chain output {{ type nat hook output priority -100; policy accept; }}
  chain postrouting {{ type nat hook postrouting priority srcnat; policy accept; }}
}}
flush chain inet {table} input
flush chain inet {table} forward
flush chain inet {table} prerouting
flush chain inet {table} output
flush chain inet {table} postrouting
table inet {table} {{
  chain input {{
    iifname != "{links}*" accept
    ct state established,related accept
{resolvers}{server}    drop
  }}
  chain forward {{
    iifname "{links}*" oifname "{links}*" drop
    iifname "{links}*" ip daddr 169.254.0.0/16 drop
    iifname "{links}*" meta nfproto ipv6 drop
    oifname "{links}*" ct state established,related accept
    oifname "{links}*" ct status dnat accept
    oifname "{links}*" drop
  }}
  chain prerouting {{
{redirect}    iifname != "{links}*" fib daddr type local dnat ip to tcp dport map @ports
  }}
  chain output {{
    fib daddr type local dnat ip to tcp dport map @ports
  }}
  chain postrouting {{
    ip saddr {subnet} oifname != "{links}*" masquerade
    ip saddr 127.0.0.0/8 oifname "{links}*" masquerade
  }}
}})",
                       fmt::arg("table", settings.table), fmt::arg("links", link_prefix),
                       fmt::arg("resolvers", resolvers), fmt::arg("redirect", redirect),
                       fmt::arg("server", server), fmt::arg("subnet", settings.subnet.text()));
}

void Firewall::set_up() const {
    run_nft(firewall_commands(settings_));
    turn_on_forwarding();
}

void Firewall::pass_iptables() const {
    try {
        for (const auto& rule : iptables_rules()) {
            if (!run_iptables(with_command("--check", rule)) &&
                !run_iptables(with_command("--insert", rule))) {
                log_warning("iptables does not let private networks through: {}", fmt::join(rule, " "));
            }
        }
    } catch (const std::system_error&) {
        // Without the program there are no such chains.
    }
}

void Firewall::tear_down() const {
    try {
        run_nft(fmt::format("delete table inet {}", settings_.table));
    } catch (const std::exception& error) {
        log_debug("the rules of private networks: {}", error.what());
    }
}

void Firewall::forward(const std::vector<ForwardedPort>& ports) const {
    std::vector<std::string> elements;
    elements.reserve(ports.size());
    for (const ForwardedPort& port : ports) {
        elements.push_back(fmt::format("{} : {}", port.port, ip_text(port.address)));
    }
    run_nft(fmt::format("add element inet {} ports {{ {} }}", settings_.table, fmt::join(elements, ", ")));
}

void Firewall::close(const std::vector<int>& ports) const {
    run_nft(fmt::format("delete element inet {} ports {{ {} }}", settings_.table, fmt::join(ports, ", ")));
}

}  // namespace flotilla

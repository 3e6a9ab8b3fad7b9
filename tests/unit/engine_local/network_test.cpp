#include <chrono>
#include <functional>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hpp"
#include "engine/local/network/firewall.hpp"
#include "engine/local/network/run_networks.hpp"
#include "engine/local/network/subnet.hpp"
#include "support/temporary_folder.hpp"

namespace flotilla::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Subnet, GivesTheHostTheFirstAddressAndEachRunAnother) {
    const Subnet subnet("10.87.3.9/29");
    EXPECT_EQ(subnet.text(), "10.87.3.8/29");
    EXPECT_EQ(ip_text(subnet.host_address()), "10.87.3.9");
    EXPECT_EQ(subnet.size(), 5U);
    EXPECT_EQ(ip_text(subnet.run_address(0)), "10.87.3.10");
    EXPECT_EQ(ip_text(subnet.run_address(4)), "10.87.3.14");
    EXPECT_TRUE(subnet.contains(subnet.host_address() - 1));
    EXPECT_TRUE(subnet.contains(subnet.run_address(4) + 1));
    EXPECT_FALSE(subnet.contains(subnet.run_address(4) + 2));
    EXPECT_FALSE(subnet.contains(subnet.host_address() - 2));
}

TEST(Subnet, ThatIsNoneIsRefused) {
    for (const char* const text : {"", "10.0.0.0", "10.0.0/16", "10.0.0.0/30", "fd00::/64"}) {
        EXPECT_THROW(Subnet{text}, Error) << text;
    }
}

FirewallSettings settings() {
    return {.table = "t", .subnet = Subnet("10.87.0.0/16"), .resolvers = {}, .open_ports = {}};
}

TEST(Firewall, ClosesTheHostButForItsNameServersAndTheServer) {
    FirewallSettings given = settings();
    EXPECT_THAT(firewall_commands(given), Not(HasSubstr("dport 53")));
    EXPECT_THAT(firewall_commands(given), Not(HasSubstr("tcp dport {")));
    given.resolvers = {"127.0.0.53", "10.0.0.2"};
    given.open_ports = {3000, 443};
    const std::string commands = firewall_commands(given);
    EXPECT_THAT(commands,
                HasSubstr("ip daddr { 127.0.0.53, 10.0.0.2 } meta l4proto { tcp, udp } th dport 53 accept"));
    EXPECT_THAT(commands, HasSubstr("tcp dport { 3000, 443 } accept"));
    EXPECT_THAT(commands, Not(HasSubstr("dnat ip to 127.0.0.53")));
}

TEST(Firewall, LeadsToANameServerOnTheHostsLoopbackWhereThereIsNoOther) {
    FirewallSettings given = settings();
    given.resolvers = {"127.0.0.53"};
    EXPECT_THAT(firewall_commands(given),
                HasSubstr("ip daddr 10.87.0.1 meta l4proto { tcp, udp } th dport 53 dnat ip to 127.0.0.53"));
}

ino_t inode_of(const UniqueFd& space) {
    struct stat found = {};
    EXPECT_EQ(::fstat(space.get(), &found), 0);
    return found.st_ino;
}

UniqueFd copy_of(const UniqueFd& fd) {
    return UniqueFd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0));
}

/// In the network of this thread: the kernel counts a socket for a while after it was closed.
void await_no_sockets() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (!read_file("/proc/thread-self/net/sockstat").value_or("").starts_with("sockets: used 0\n")) {
        ASSERT_LT(std::chrono::steady_clock::now(), deadline);
        std::this_thread::yield();
    }
}

/// Each kind that runs have of their own.
class NetworkReuse : public testing::TestWithParam<RunNetwork> {
protected:
    void SetUp() override {
        if (::geteuid() != 0) {
            GTEST_SKIP() << "network namespaces need root";
        }
        networks_.emplace(RunNetworkSettings{
            .data_dir = data_.path(), .subnet = "10.88.0.0/16", .resolvers = {}, .open_ports = {}});
        networks_->prepare(GetParam());
    }

    /// Takes one, does that in it, gives it back, and looks whether one of the next many is the same.
    bool is_used_again(const std::function<void()>& use) {
        NetworkSpace space = networks_->take(GetParam());
        const UniqueFd kept = copy_of(space.space);  // so that its inode is nobody else's
        std::jthread([&] {
            ASSERT_EQ(::setns(space.space.get(), CLONE_NEWNET), 0);
            await_no_sockets();
            use();
        }).join();
        networks_->give_back(GetParam(), std::move(space));
        constexpr int more_than_are_in_stock = 20;
        std::vector<NetworkSpace> next;
        for (int i = 0; i < more_than_are_in_stock; ++i) {
            next.push_back(networks_->take(GetParam()));
            if (inode_of(next.back().space) == inode_of(kept)) {
                return true;
            }
        }
        return false;
    }

    TemporaryFolder data_;
    std::optional<RunNetworks> networks_;
};

TEST_P(NetworkReuse, OfOneThatNobodyUsed) {
    EXPECT_TRUE(is_used_again([] {}));
}

TEST_P(NetworkReuse, NotOfOneInWhichAPacketPassed) {
    EXPECT_FALSE(is_used_again([] {
        UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(9);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::sendto(socket.get(), "x", 1, 0, reinterpret_cast<sockaddr*>(&to), sizeof to), 1);
        socket.reset();
        await_no_sockets();
    }));
}

TEST_P(NetworkReuse, NotOfOneInWhichASocketIsOpen) {
    UniqueFd socket;
    EXPECT_FALSE(is_used_again([&] { socket = UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)); }));
}

INSTANTIATE_TEST_SUITE_P(Kinds, NetworkReuse, testing::Values(RunNetwork::none, RunNetwork::private_network));

}  // namespace
}  // namespace flotilla::test

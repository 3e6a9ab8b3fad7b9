#include <gmock/gmock.h>

#include "base/error.hpp"
#include "engine/local/network/firewall.hpp"
#include "engine/local/network/subnet.hpp"

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

}  // namespace
}  // namespace flotilla::test

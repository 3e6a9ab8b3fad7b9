#include "engine/local/network/links.hpp"

#include <array>
#include <cerrno>
#include <system_error>

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>

#include "base/file.hpp"

namespace flotilla {

namespace {

/// The largest request, for a pair of interfaces, takes some 200 bytes.
class Request {
public:
    Request(std::uint16_t type, int flags) : header_(::mnl_nlmsg_put_header(buffer_.data())) {
        header_->nlmsg_type = type;
        header_->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags);
    }
    template <typename Header>
    Header& put() {
        return *static_cast<Header*>(::mnl_nlmsg_put_extra_header(header_, sizeof(Header)));
    }
    [[nodiscard]] nlmsghdr* header() { return header_; }
    void add(std::uint16_t type, const std::string& text) {
        ::mnl_attr_put_strz(header_, type, text.c_str());
    }
    void add(std::uint16_t type, std::uint32_t number) { ::mnl_attr_put_u32(header_, type, number); }
    [[nodiscard]] nlattr* begin(std::uint16_t type) { return ::mnl_attr_nest_start(header_, type); }
    void end(nlattr* nest) { ::mnl_attr_nest_end(header_, nest); }

private:
    alignas(nlmsghdr) std::array<char, 1024> buffer_{};
    nlmsghdr* header_;
};

void be_up(ifinfomsg& link) {
    link.ifi_family = AF_UNSPEC;
    link.ifi_flags = IFF_UP;
    link.ifi_change = IFF_UP;
}

int index_of(const std::string& name) {
    const unsigned index = ::if_nametoindex(name.c_str());
    if (index == 0) {
        throw_errno(fmt::format("there is no network interface {}", name));
    }
    return static_cast<int>(index);
}

struct GroupSearch {
    std::uint32_t group;
    bool found;
};

int look_at_group(const nlattr* attribute, void* data) {
    auto& search = *static_cast<GroupSearch*>(data);
    search.found = search.found || (::mnl_attr_get_type(attribute) == IFLA_GROUP &&
                                    ::mnl_attr_get_u32(attribute) == search.group);
    return MNL_CB_OK;
}

}  // namespace

void Links::Close::operator()(mnl_socket* socket) const {
    ::mnl_socket_close(socket);
}

Links::Links() : socket_(::mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC)) {
    if (!socket_ || ::mnl_socket_bind(socket_.get(), 0, MNL_SOCKET_AUTOPID) < 0) {
        throw_errno("cannot speak to the kernel about network interfaces");
    }
}

int Links::ask(nlmsghdr* request, Visitor visit, void* data) {
    request->nlmsg_seq = ++sequence_;
    // As large as a part of a dump can be; see libmnl's MNL_SOCKET_DUMP_SIZE.
    std::array<char, 32768> answer{};
    if (::mnl_socket_sendto(socket_.get(), request, request->nlmsg_len) < 0) {
        return errno;
    }
    const unsigned port = ::mnl_socket_get_portid(socket_.get());
    for (;;) {
        const auto size = ::mnl_socket_recvfrom(socket_.get(), answer.data(), answer.size());
        const int state = size < 0 ? -1
                                   : ::mnl_cb_run(answer.data(), static_cast<std::size_t>(size), sequence_,
                                                  port, visit, data);
        if (state <= MNL_CB_STOP) {
            return state < 0 ? errno : 0;
        }
    }
}

void Links::require(nlmsghdr* request, const std::string& what) {
    if (const int error = ask(request); error != 0) {
        throw std::system_error(error, std::generic_category(), what);
    }
}

bool Links::make_pair(const std::string& name, std::uint32_t group, const std::string& peer,
                      int peer_namespace) {
    Request request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
    be_up(request.put<ifinfomsg>());
    request.add(IFLA_IFNAME, name);
    request.add(IFLA_GROUP, group);
    nlattr* const info = request.begin(IFLA_LINKINFO);
    request.add(IFLA_INFO_KIND, "veth");
    nlattr* const data = request.begin(IFLA_INFO_DATA);
    nlattr* const other = request.begin(VETH_INFO_PEER);
    request.put<ifinfomsg>();
    request.add(IFLA_IFNAME, peer);
    request.add(IFLA_NET_NS_FD, static_cast<std::uint32_t>(peer_namespace));
    request.end(other);
    request.end(data);
    request.end(info);
    const int error = ask(request.header());
    if (error != 0 && error != EEXIST) {
        throw std::system_error(error, std::generic_category(), "cannot make a pair of network interfaces");
    }
    return error == 0;
}

bool Links::has_any_of(std::uint32_t group) {
    Request request(RTM_GETLINK, NLM_F_DUMP);
    request.put<ifinfomsg>();
    GroupSearch search{group, false};
    const auto look = [](const nlmsghdr* message, void* data) {
        return ::mnl_attr_parse(message, sizeof(ifinfomsg), look_at_group, data);
    };
    if (const int error = ask(request.header(), look, &search); error != 0) {
        throw std::system_error(error, std::generic_category(), "cannot list the network interfaces");
    }
    return search.found;
}

void Links::bring_up(const std::string& name) {
    Request request(RTM_NEWLINK, 0);
    auto& link = request.put<ifinfomsg>();
    be_up(link);
    link.ifi_index = index_of(name);
    require(request.header(), fmt::format("cannot bring up the network interface {}", name));
}

void Links::add_address(const std::string& name, std::uint32_t own, std::uint32_t other) {
    Request request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE);
    auto& address = request.put<ifaddrmsg>();
    address.ifa_family = AF_INET;
    address.ifa_prefixlen = 32;
    address.ifa_index = static_cast<std::uint32_t>(index_of(name));
    request.add(IFA_LOCAL, htonl(own));
    request.add(IFA_ADDRESS, htonl(other));
    require(request.header(), fmt::format("cannot give the network interface {} an address", name));
}

void Links::add_default_route(std::uint32_t gateway) {
    Request request(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE);
    auto& route = request.put<rtmsg>();
    route.rtm_family = AF_INET;
    route.rtm_table = RT_TABLE_MAIN;
    route.rtm_protocol = RTPROT_STATIC;
    route.rtm_scope = RT_SCOPE_UNIVERSE;
    route.rtm_type = RTN_UNICAST;
    request.add(RTA_GATEWAY, htonl(gateway));
    require(request.header(), "cannot set the default route");
}

void Links::remove(const std::string& name) {
    Request request(RTM_DELLINK, 0);
    auto& link = request.put<ifinfomsg>();
    link.ifi_family = AF_UNSPEC;
    link.ifi_index = static_cast<int>(::if_nametoindex(name.c_str()));
    if (link.ifi_index != 0) {
        (void)ask(request.header());
    }
}

}  // namespace flotilla

#pragma once

#include <cstdint>
#include <memory>
#include <string>

struct mnl_socket;
struct nlmsghdr;

namespace flotilla {

/// The network interfaces of the namespace that the thread was in which made it; see rtnetlink(7). Addresses
/// are in host byte order. Functions throw std::system_error.
class Links {
public:
    Links();

    /// Makes two interfaces that are each other's ends: `name` here and `peer` in the namespace of which
    /// `peer_namespace` is a descriptor. The one here is up. False if there is one of that name already.
    /// `group` is a number for whoever wants to find the one here again.
    [[nodiscard]] bool make_pair(const std::string& name, std::uint32_t group, const std::string& peer,
                                 int peer_namespace);
    /// Whether there is an interface of that group.
    [[nodiscard]] bool has_any_of(std::uint32_t group);
    void bring_up(const std::string& name);
    /// `own` becomes an address of the interface, by which `other`, and nobody else, is reached.
    void add_address(const std::string& name, std::uint32_t own, std::uint32_t other);
    void add_default_route(std::uint32_t gateway);
    /// Nothing happens if there is none.
    void remove(const std::string& name);

private:
    struct Close {
        void operator()(mnl_socket* socket) const;
    };
    using Visitor = int (*)(const nlmsghdr* message, void* data);
    /// Sends a request and shows `visit` what comes back; 0, or errno of its answer.
    int ask(nlmsghdr* request, Visitor visit = nullptr, void* data = nullptr);
    void require(nlmsghdr* request, const std::string& what);

    std::unique_ptr<mnl_socket, Close> socket_;
    std::uint32_t sequence_ = 0;
};

}  // namespace flotilla

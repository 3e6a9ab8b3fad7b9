#include "engine/local/process_watch.hpp"

#include <array>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace flotilla {

ProcessWatch::ProcessWatch()
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)), event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    epoll_event event{};
    event.events = EPOLLIN;
    if (!epoll_ || !event_ || ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, event_.get(), &event) != 0) {
        throw_errno("cannot watch processes");
    }
}

void ProcessWatch::add(const AttemptName& name, const UniqueFd& process) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLONESHOT;
    {
        auto watched = watched_.lock();
        event.data.u64 = ++watched->last_id;
        watched->names.emplace(watched->last_id, name);
    }
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, process.get(), &event) != 0) {
        throw_errno("cannot watch a process");
    }
}

std::vector<AttemptName> ProcessWatch::wait(std::chrono::milliseconds timeout) {
    std::array<epoll_event, 64> events{};
    const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                                   static_cast<int>(timeout.count()));
    std::vector<AttemptName> ended;
    auto watched = watched_.lock();
    for (int index = 0; index < count; ++index) {
        const std::uint64_t id = events.at(static_cast<std::size_t>(index)).data.u64;
        if (const auto found = watched->names.find(id); found != watched->names.end()) {
            ended.push_back(found->second);
            watched->names.erase(found);
        } else {
            std::uint64_t value = 0;
            (void)!::read(event_.get(), &value, sizeof value);
        }
    }
    return ended;
}

void ProcessWatch::wake() {
    const std::uint64_t one = 1;
    (void)!::write(event_.get(), &one, sizeof one);
}

}  // namespace flotilla

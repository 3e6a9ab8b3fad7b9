#include "cli/interruptible_pause.hpp"

#include <csignal>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/file.hpp"

namespace flotilla {

namespace {

/// A pipe that becomes readable with SIGINT, so that a signal between two waits is not lost.
class InterruptPipe {
public:
    InterruptPipe() {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
            throw_errno("cannot make a pipe");
        }
        reader_ = UniqueFd(ends[0]);
        writer = ends[1];
        struct sigaction action {};
        action.sa_handler = [](int) { [[maybe_unused]] const auto written = ::write(writer, "!", 1); };
        action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
        ::sigaction(SIGINT, &action, nullptr);
    }

    [[nodiscard]] int reader() const { return reader_.get(); }

private:
    static inline int writer = -1;  // open as long as the process: the handler may use it at any time
    UniqueFd reader_;
};

}  // namespace

Pause::Outcome InterruptiblePause::wait(std::chrono::milliseconds time) {
    static const InterruptPipe interrupts;
    pollfd wanted{.fd = interrupts.reader(), .events = POLLIN, .revents = 0};
    ::poll(&wanted, 1, static_cast<int>(time.count()));
    return (wanted.revents & POLLIN) != 0 ? Outcome::interrupted : Outcome::over;
}

}  // namespace flotilla

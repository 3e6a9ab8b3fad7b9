#include "engine/local/host_trial.hpp"

#include <array>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.hpp"

namespace flotilla {

namespace {

namespace fs = std::filesystem;

constexpr std::array steps{"make a mount namespace", "keep its mounts to itself", "mount an overlay"};

/// What the child tells: the first step that failed, or that none did.
struct Outcome {
    std::size_t step = 0;
    int error = 0;
};

/// A folder that goes away with all below it; one that a killed process left is made anew.
class TrialFolder {
public:
    explicit TrialFolder(const fs::path& parent) : path_(parent / ".trial") {
        fs::remove_all(path_);
        fs::create_directory(path_);
    }
    TrialFolder(const TrialFolder&) = delete;
    TrialFolder& operator=(const TrialFolder&) = delete;
    ~TrialFolder() {
        std::error_code none;
        fs::remove_all(path_, none);
    }
    [[nodiscard]] std::string make(const char* name) const {
        const fs::path made = path_ / name;
        fs::create_directory(made);
        return made.string();
    }

private:
    fs::path path_;
};

[[noreturn]] void tell(int teller, const Outcome& outcome) {
    [[maybe_unused]] const auto written = ::write(teller, &outcome, sizeof outcome);
    ::_exit(0);
}

/// In a child of a program with threads: system calls alone.
[[noreturn]] void try_in_child(int teller, const char* target, const char* options) {
    Outcome outcome;
    const auto require = [&](bool is_done) {
        if (!is_done) {
            outcome.error = errno;
            tell(teller, outcome);
        }
        ++outcome.step;
    };
    require(::unshare(CLONE_NEWNS) == 0);
    require(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0);
    require(::mount("overlay", target, "overlay", 0, options) == 0);
    tell(teller, outcome);
}

}  // namespace

HostTrial::HostTrial(const fs::path& folder) {
    auto own = std::make_unique<TrialFolder>(folder);
    const std::string target = own->make("root");
    const std::string options = fmt::format("lowerdir={},upperdir={},workdir={}", own->make("lower"),
                                            own->make("upper"), own->make("work"));
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        throw_errno("cannot make a pipe");
    }
    const UniqueFd told(ends[0]);
    UniqueFd teller(ends[1]);
    const pid_t child = ::fork();
    if (child == 0) {
        try_in_child(teller.get(), target.c_str(), options.c_str());
    }
    if (child < 0) {
        throw_errno("cannot fork");
    }
    teller.reset();
    end_ = std::jthread([child, own = std::move(own)] { ::waitpid(child, nullptr, 0); });
    Outcome outcome;
    if (::read(told.get(), &outcome, sizeof outcome) != sizeof outcome) {
        lack_ = "the trial of it was killed";
    } else if (outcome.error != 0) {
        lack_ = fmt::format("{}: {}", steps.at(outcome.step), std::generic_category().message(outcome.error));
    }
}

}  // namespace flotilla

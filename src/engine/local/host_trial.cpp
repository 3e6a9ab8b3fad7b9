#include "engine/local/host_trial.hpp"

#include <array>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.hpp"

namespace flotilla {

namespace {

namespace fs = std::filesystem;

constexpr std::array steps{"make a mount namespace", "keep its mounts to itself", "mount an overlay"};

/// What the child tells before it ends, if something failed.
struct Failure {
    std::size_t step = 0;
    int error = 0;
};

/// A folder that goes away with all below it.
class TrialFolder {
public:
    explicit TrialFolder(const fs::path& parent) : path_((parent / ".trial-XXXXXX").string()) {
        if (::mkdtemp(path_.data()) == nullptr) {
            throw_errno("cannot make a folder in " + parent.string());
        }
    }
    TrialFolder(const TrialFolder&) = delete;
    TrialFolder& operator=(const TrialFolder&) = delete;
    ~TrialFolder() {
        std::error_code none;
        fs::remove_all(path_, none);
    }
    [[nodiscard]] std::string make(const char* name) const {
        const fs::path made = fs::path(path_) / name;
        fs::create_directory(made);
        return made.string();
    }

private:
    std::string path_;
};

/// In a child of a program with threads: system calls alone.
[[noreturn]] void try_in_child(int failures, const char* target, const char* options) {
    Failure failure;
    const auto require = [&](bool is_done) {
        if (!is_done) {
            failure.error = errno;
            [[maybe_unused]] const auto written = ::write(failures, &failure, sizeof failure);
            ::_exit(1);
        }
        ++failure.step;
    };
    require(::unshare(CLONE_NEWNS) == 0);
    require(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0);
    require(::mount("overlay", target, "overlay", 0, options) == 0);
    ::_exit(0);
}

}  // namespace

std::optional<std::string> what_containers_lack(const fs::path& folder) {
    const TrialFolder trial(folder);
    const std::string target = trial.make("root");
    const std::string options = fmt::format("lowerdir={},upperdir={},workdir={}", trial.make("lower"),
                                            trial.make("upper"), trial.make("work"));
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        throw_errno("cannot make a pipe");
    }
    const UniqueFd failures(ends[0]);
    UniqueFd told(ends[1]);
    const pid_t child = ::fork();
    if (child == 0) {
        try_in_child(told.get(), target.c_str(), options.c_str());
    }
    if (child < 0) {
        throw_errno("cannot fork");
    }
    told.reset();
    Failure failure;
    const auto size = ::read(failures.get(), &failure, sizeof failure);
    ::waitpid(child, nullptr, 0);
    if (size != sizeof failure) {
        return std::nullopt;
    }
    return fmt::format("{}: {}", steps.at(failure.step), std::generic_category().message(failure.error));
}

}  // namespace flotilla

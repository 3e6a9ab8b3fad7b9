#include "engine/local/launcher/init.hpp"

#include <cerrno>
#include <cstdint>
#include <utility>

#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "engine/local/launcher/capabilities.hpp"
#include "engine/local/launcher/user_namespace.hpp"

namespace flotilla::launcher {

namespace {

constexpr int pipe_size = 1 << 18;
/// More than any exit record has. The room is taken before the job starts: a job that fills the disk must not
/// lose its own end.
constexpr int record_room = 4096;

std::int64_t now() {
    timespec time{};
    ::clock_gettime(CLOCK_REALTIME, &time);
    return std::int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1'000;
}

/// Of all processes that lived here: those that nobody waited for came to init.
std::int64_t cpu_time_of_children() {
    rusage use{};
    ::getrusage(RUSAGE_CHILDREN, &use);
    return (std::int64_t{use.ru_utime.tv_sec} + use.ru_stime.tv_sec) * 1'000'000 + use.ru_utime.tv_usec +
           use.ru_stime.tv_usec;
}

/// A file that appears whole, by a rename. A temporary one that is there already is written over.
class RecordFile {
public:
    RecordFile(int folder, const char* name, const char* temporary_name)
        : folder_(folder),
          name_(name),
          temporary_name_(temporary_name),
          file_(::openat(folder, temporary_name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644)) {}

    [[nodiscard]] bool reserve() const {
        return file_ >= 0 && (::fallocate(file_, 0, 0, record_room) == 0 || errno == EOPNOTSUPP);
    }

    [[nodiscard]] bool publish(const std::string& text) const {
        return file_ >= 0 && ::write(file_, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
               ::ftruncate(file_, static_cast<off_t>(text.size())) == 0 &&
               ::renameat(folder_, temporary_name_, folder_, name_) == 0;
    }

private:
    int folder_;
    const char* name_;
    const char* temporary_name_;
    int file_;
};

class Init {
public:
    Init(const JobPlan& plan, const InitFiles& files, const Answer& answer)
        : plan_(plan),
          answer_(answer),
          folder_(files.folder),
          user_namespace_(files.user_namespace),
          exit_file_(files.folder, "exit", "exit.tmp") {
        answer_.require(exit_file_.reserve(), "take room for the exit record");
        catch_signals();
        make_pipe();
    }

    /// Where the job's output comes out.
    [[nodiscard]] int output() const { return output_[0]; }

    void start(StartedRecord record) {
        int failures[2];
        answer_.require(::pipe2(failures, O_CLOEXEC) == 0, "make a pipe");
        record.at = now();
        attempt_ = record.attempt;
        answer_.require(RecordFile(folder_, "started", "started.tmp").publish(to_text(record)),
                        "write the record of the start");
        job_ = ::fork();
        if (job_ == 0) {
            become_job(plan_, {output_[1], failures[1], user_namespace_});
        }
        if (job_ < 0) {
            give_up(Cause::host, with_error("cannot fork the job", errno));
        }
        ::close(output_[1]);
        ::close(failures[1]);
        ::close(user_namespace_);
        keep_capabilities(std::uint64_t{1} << CAP_KILL);
        JobFailure failure;
        if (::read(failures[0], &failure, sizeof failure) == sizeof failure) {
            give_up(failure.executing ? Cause::job : Cause::host, sentence(failure));
        }
        ::close(failures[0]);
        answer_.started(record.at);
    }

    /// Until nothing else is alive.
    void serve(LogRelay& relay) {
        pollfd polled[2] = {{signals_, POLLIN, 0}, {output(), POLLIN, 0}};
        while (!everybody_ended_) {
            if (::poll(polled, 2, -1) < 0) {
                continue;
            }
            if (polled[1].revents != 0) {
                relay.pump();
                polled[1].fd = relay.at_end() ? -1 : polled[1].fd;
            }
            if (polled[0].revents != 0) {
                take_signals();
                reap();
            }
        }
        while (relay.pump()) {
        }
        relay.finish();
    }

    [[noreturn]] void finish(std::int64_t log_lost) const {
        ExitRecord record;
        record.at = now();
        record.code = WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
        record.stopped = stopping_;
        record.cpu_time = cpu_time_of_children();
        record.log_lost = log_lost;
        record.attempt = attempt_;
        ::_exit(exit_file_.publish(to_text(record)) ? 0 : 1);
    }

private:
    /// SIGTERM and SIGCHLD are blocked, which also keeps the kernel from dropping them for a process 1.
    void catch_signals() {
        sigset_t wanted;
        sigemptyset(&wanted);
        sigaddset(&wanted, SIGTERM);
        sigaddset(&wanted, SIGCHLD);
        signals_ = ::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
        answer_.require(signals_ >= 0 && ::sigprocmask(SIG_SETMASK, &wanted, nullptr) == 0, "catch signals");
    }

    /// The job's user owns the pipe: else it could not open /dev/stdout.
    void make_pipe() {
        answer_.require(::pipe2(output_, O_CLOEXEC) == 0, "make a pipe");
        answer_.require(::fchown(output_[1], host_id(plan_.user.uid), host_id(plan_.user.gid)) == 0,
                        "give the job its pipe");
        ::fcntl(output_[0], F_SETPIPE_SZ, pipe_size);
    }

    [[nodiscard]] std::string sentence(const JobFailure& failure) const {
        if (!failure.executing) {
            return with_error(std::string("cannot ") + failure.step, failure.error);
        }
        if (failure.error == E2BIG) {
            return with_error("the environment is too large, or one of its variables is", failure.error);
        }
        return with_error("the image's " + plan_.shell + " cannot be executed", failure.error);
    }

    /// The attempt counts as started now, so a server that finds it later has to be told as well.
    [[noreturn]] void give_up(Cause cause, const std::string& reason) const {
        ExitRecord record;
        record.at = now();
        record.exit_class = cause == Cause::job ? "rejected" : "start_failed";
        record.reason = reason;
        record.attempt = attempt_;
        (void)exit_file_.publish(to_text(record));
        answer_.give_up(cause, reason);
    }

    void take_signals() {
        signalfd_siginfo info{};
        while (::read(signals_, &info, sizeof info) == sizeof info) {
            // A sender of this namespace has a pid in it: the job must not end itself as if it had been
            // stopped.
            if (info.ssi_signo == SIGTERM && info.ssi_pid == 0) {
                stopping_ = true;
                ::kill(-1, SIGTERM);
            }
        }
    }

    void reap() {
        for (;;) {
            int status = 0;
            const pid_t pid = ::waitpid(-1, &status, WNOHANG | __WALL);
            if (pid <= 0) {
                everybody_ended_ = pid < 0 && errno == ECHILD;
                return;
            }
            if (pid == job_) {
                status_ = status;
                // What the job leaves behind ends with it, in peace if it was asked to.
                ::kill(-1, stopping_ ? SIGTERM : SIGKILL);
            }
        }
    }

    const JobPlan& plan_;
    const Answer& answer_;
    int folder_;
    int user_namespace_;
    RecordFile exit_file_;
    int signals_ = -1;
    int output_[2] = {-1, -1};
    std::string attempt_;
    pid_t job_ = -1;
    int status_ = 0;
    bool stopping_ = false;
    bool everybody_ended_ = false;
};

}  // namespace

void run_init(const JobPlan& plan, const InitFiles& files, LogRules rules, const StartedRecord& identity,
              const Answer& answer) {
    Init init(plan, files, answer);
    LogRelay relay(init.output(), files.log, files.folder, std::move(rules));
    init.start(identity);
    init.serve(relay);
    init.finish(relay.lost());
}

}  // namespace flotilla::launcher

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

/// What the server and its launcher say to each other.
///
/// The server sends one SOCK_SEQPACKET message a launch: the byte `launch_request` and, as SCM_RIGHTS, the
/// descriptors listed in `RequestFd`, followed by those of the files by which the container joins its
/// cgroups. The launcher answers on the `answer` socket with `AnswerKind::process` and the pidfd of the
/// container's init; init answers with `started`, or either of them with `failed`. The end of the socket
/// without an answer means that they died. A message with one descriptor, a socket, asks how the launcher is:
/// it answers `failed` if it can start no container, and closes the socket.
namespace flotilla::launcher {

inline constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

/// A file or folder of the host that a container sees.
struct HostMount {
    std::string host;  ///< absolute, as `path` is
    std::string path;
    bool read_only = true;
    bool is_device = false;  ///< it works as the device that it is
    bool operator==(const HostMount&) const = default;
};

/// What is to be run. Sent as a memfd, so that its size is not bounded by a socket's buffer.
struct LaunchSpec {
    std::string folder;  ///< the run's folder on this host, absolute, with `upper`, `work` and `root`
    std::string image;   ///< for people
    std::vector<std::string> layers;  ///< unpacked folders, absolute, the topmost first
    std::vector<HostMount> mounts;
    std::string hostname;
    std::string hosts;        ///< content of /etc/hosts
    std::string resolv_conf;  ///< content of /etc/resolv.conf
    std::string command;
    std::string kept_path;         ///< the PATH that a login profile must not lose; empty: none
    std::vector<std::string> env;  ///< `NAME=value`; HOME is added where it is missing
    bool traced = true;            ///< the shell shows each command as it runs it, with what variables hold
    std::string user;              ///< as an image config has it: `name`, `uid`, `uid:gid`, ...; empty: root
    std::string working_dir;       ///< empty: /
    std::int64_t log_limit = 0;    ///< bytes of the log that are kept
    std::int64_t start_before = never;  ///< CLOCK_BOOTTIME in microseconds; after it the job is not started
    std::vector<std::string> masked;    ///< texts that its log shows as `***`

    bool operator==(const LaunchSpec&) const = default;
};

[[nodiscard]] std::string encode(const LaunchSpec& spec);
/// False if `bytes` is not what `encode` makes.
[[nodiscard]] bool decode(std::string_view bytes, LaunchSpec& spec);

inline constexpr char launch_request = 'L';

/// The order of the descriptors of a request.
enum class RequestFd : std::size_t {
    spec,     ///< memfd with the encoded LaunchSpec
    answer,   ///< SOCK_SEQPACKET
    lock,     ///< open file description that holds the run's lock
    log,      ///< the run's log, O_APPEND
    network,  ///< the network namespace that the container lives in
    count,
};
/// Descriptors in a request, those of cgroups included.
inline constexpr std::size_t most_request_fds = 8;

/// The first byte of an answer.
enum class AnswerKind : char {
    process = 'p',  ///< with the pidfd of init
    started = 's',  ///< the job's program was executed; followed by the decimal time, as in StartedRecord
    failed = 'f',   ///< followed by a `Cause` and a sentence
};

/// Who is to blame for a container that could not be started.
enum class Cause : char {
    host = 'h',  ///< this host; another try may succeed
    job = 'j',   ///< the image or the definition; every try will fail
};

}  // namespace flotilla::launcher

#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "engine/docker/daemon_address.hpp"
#include "engine/docker/daemon_kind.hpp"
#include "image/reference.hpp"
#include "image/registry.hpp"
#include "net/http_client.hpp"

namespace flotilla {

/// What a daemon says of a container.
struct ContainerState {
    enum class Phase { created, running, ended };
    Phase phase = Phase::created;
    std::optional<TimePoint> started_at = {};
    std::optional<TimePoint> finished_at = {};
    int exit_code = 0;                     ///< once it has ended
    bool is_out_of_memory = false;         ///< a process of it was killed at its memory limit
    std::vector<std::string> masked = {};  ///< what its log shows as `***`, see container_body.hpp
};

/// An image in a daemon's store.
struct DaemonImage {
    std::string id;                         ///< `sha256:...`, the digest of its config
    std::vector<std::string> repo_digests;  ///< `NAME@sha256:...`: as which it came from registries
};

/// The daemon answered that it would not.
struct DaemonRefusal {
    int status = 0;  ///< of HTTP
    std::string message;
};

struct ContainerMade {};
/// There is a container of that name already.
struct NameTaken {};
struct ImageMissing {};
using CreateOutcome = std::variant<ContainerMade, NameTaken, ImageMissing, DaemonRefusal>;

/// Speaks to one Docker daemon, or to a service of Podman, by version 1.41 of the Docker Engine API:
/// https://docs.docker.com/reference/api/engine/version/v1.41/
/// Every call ends within a time of its own. Throws `unavailable` when there is no answer, or none that could
/// be expected. Safe to call from any thread.
class Daemon {
public:
    Daemon(HttpClient& http, DaemonAddress address, Clock& clock)
        : http_(http), address_(std::move(address)), clock_(clock) {}

    [[nodiscard]] const DaemonAddress& address() const { return address_; }

    /// Asks, and answers within two seconds.
    void ping();
    /// As `ping`, but asks nobody if the daemon has answered something within the last second.
    void expect_here();
    /// As its last answer to a ping told.
    [[nodiscard]] DaemonKind kind();

    /// `reference` is a name or an id.
    [[nodiscard]] std::optional<DaemonImage> find_image(const std::string& reference,
                                                        std::chrono::milliseconds timeout);
    /// The tags of all images, such as `debian:12`.
    [[nodiscard]] std::vector<std::string> image_names(std::chrono::milliseconds timeout);
    /// Fetches an image from its registry. Nothing on success. `authorization` is the value of
    /// `X-Registry-Auth`, or empty; `tell` gets the progress in a few words.
    [[nodiscard]] std::optional<PullFailure> pull(const ImageReference& image,
                                                  const std::string& authorization,
                                                  const std::function<void(const std::string&)>& tell,
                                                  const std::stop_token& stop);

    /// The id of the network of private_network.hpp, which is made if there is none; if there are several,
    /// the others are removed.
    [[nodiscard]] std::string ensure_private_network();
    [[nodiscard]] CreateOutcome create(const std::string& name, const std::string& body);
    [[nodiscard]] std::optional<ContainerState> inspect(const std::string& name);
    /// The names of all containers with that label, `NAME=VALUE`, that have ended.
    [[nodiscard]] std::set<std::string> list_ended(const std::string& label);
    /// To be called for a container that is `created` only: one that has ended would start again.
    [[nodiscard]] std::optional<DaemonRefusal> start(const std::string& name);
    /// False if it does not run.
    bool kill(const std::string& name, const std::string& signal);
    /// With all that it wrote. Nothing happens if there is none. Throws Error of kind `unavailable` while it
    /// may still be there, also if somebody else is at removing it.
    void remove(const std::string& name);
    /// Whether the daemon has lived since it made the container: it remembers that only as long, and among
    /// its last 256 events.
    [[nodiscard]] bool remembers_making(const std::string& name);
    /// Whether the pieces of its logs begin with their times. Not those of Podman, which gives whole seconds.
    [[nodiscard]] bool gives_timed_logs() { return kind() == DaemonKind::docker; }
    /// Gives all that it wrote from its start on, as a stream for LogFrames, until it has ended, but not
    /// always its last lines; or, where `longest` is not zero, for so long.
    void follow_log(const std::string& name, std::chrono::milliseconds longest,
                    const std::function<void(std::string_view)>& take, const std::stop_token& stop);
    /// Gives all that it wrote so far, as a stream for LogFrames.
    void read_log(const std::string& name, const std::function<void(std::string_view)>& take);
    /// The last so many pieces of it.
    [[nodiscard]] std::string end_of_log(const std::string& name, std::size_t pieces);

    /// Whether the daemon was away within some seconds of that time, as far as calls have told, or is now.
    [[nodiscard]] bool was_away_at(TimePoint time);

    /// Every call ends now, also those that are to come.
    void cancel() { cancelled_.request_stop(); }

private:
    struct Absence {
        std::optional<TimePoint> began = {};
        std::optional<TimePoint> ended = {};
    };

    [[nodiscard]] HttpRequest request(const std::string& method, const std::string& path,
                                      std::chrono::milliseconds timeout) const;
    [[nodiscard]] std::vector<std::string> private_networks();
    [[nodiscard]] std::vector<std::string> make_private_network();
    [[nodiscard]] HttpResponse send(const HttpRequest& request);
    [[nodiscard]] HttpRequest log_request(const std::string& name, std::string_view how,
                                          const std::function<void(std::string_view)>& take);
    void stream_log(const HttpRequest& asked);

    HttpClient& http_;
    DaemonAddress address_;
    Clock& clock_;
    std::stop_source cancelled_;
    std::mutex making_network_;
    Guarded<std::optional<DaemonKind>> kind_;
    /// When it did last; nothing while it is away.
    Guarded<std::optional<std::chrono::steady_clock::time_point>> answered_;
    Guarded<Absence> absence_;  ///< the last one
};

}  // namespace flotilla

#include "engine/docker/daemon.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "engine/docker/daemon_answers.hpp"
#include "engine/docker/private_network.hpp"
#include "engine/docker/pull_progress.hpp"

namespace flotilla {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds ping_timeout = seconds{2};
constexpr milliseconds quick_timeout = seconds{10};
/// A loaded daemon takes its time for these, and a call that is given up goes on there all the same.
constexpr milliseconds slow_timeout = seconds{120};
/// A pull tells something every few hundred milliseconds while it makes progress.
constexpr milliseconds silent_pull_timeout = std::chrono::minutes{5};

bool is_ok(const HttpResponse& response) {
    return response.status / 100 == 2;
}

std::string container_path(const std::string& name, std::string_view rest) {
    return fmt::format("/containers/{}{}", name, rest);
}

}  // namespace

HttpRequest Daemon::request(const std::string& method, const std::string& path, milliseconds timeout) const {
    HttpRequest request;
    request.method = method;
    request.url = fmt::format("{}/v1.41{}", address_.url, path);
    request.timeout = timeout;
    request.unix_socket = address_.unix_socket;
    request.tls = address_.tls;
    request.stop = cancelled_.get_token();
    return request;
}

HttpResponse Daemon::send(const HttpRequest& request) {
    try {
        HttpResponse response = http_.send(request);
        *answered_.lock() = std::chrono::steady_clock::now();
        auto absence = absence_.lock();
        if (absence->began && !absence->ended) {
            absence->ended = clock_.now();
        }
        return response;
    } catch (const Error& error) {
        answered_.lock()->reset();
        auto absence = absence_.lock();
        if (!request.stop.stop_requested() && (!absence->began || absence->ended)) {
            *absence = {.began = clock_.now()};
        }
        throw unavailable("the Docker daemon cannot be asked: {}", error.what());
    }
}

void Daemon::ping() {
    const auto response = send(request("GET", "/_ping", ping_timeout));
    if (!is_ok(response)) {
        throw unexpected_answer(response);
    }
    const bool is_podman = !response.header("Libpod-API-Version").empty();
    *kind_.lock() = is_podman ? DaemonKind::podman : DaemonKind::docker;
}

void Daemon::expect_here() {
    constexpr seconds recent{1};
    const auto answered = *answered_.lock();
    if (!answered || std::chrono::steady_clock::now() - *answered > recent) {
        ping();
    }
}

DaemonKind Daemon::kind() {
    if (!kind_.lock()->has_value()) {
        ping();
    }
    return kind_.lock()->value();
}

std::optional<DaemonImage> Daemon::find_image(const std::string& reference, milliseconds timeout) {
    const auto response = send(request("GET", fmt::format("/images/{}/json", reference), timeout));
    if (response.status == 404) {
        return std::nullopt;
    }
    return image_in(response);
}

std::vector<std::string> Daemon::image_names(milliseconds timeout) {
    return image_names_in(send(request("GET", "/images/json", timeout)));
}

std::optional<PullFailure> Daemon::pull(const ImageReference& image, const std::string& authorization,
                                        const std::function<void(const std::string&)>& tell,
                                        const std::stop_token& stop) {
    const std::string& which = image.digest.empty() ? image.tag : image.digest;
    auto asked =
        request("POST",
                fmt::format("/images/create?fromImage={}&tag={}",
                            url_encoded(image.registry + "/" + image.repository), url_encoded(which)),
                silent_pull_timeout);
    if (!authorization.empty()) {
        asked.headers.emplace_back("X-Registry-Auth", authorization);
    }
    asked.stop = stop;
    PullProgress progress;
    asked.take_body = [&](std::string_view piece) {
        progress.take(piece);
        tell(progress.text());
        return true;
    };
    const auto response = send(asked);
    const std::string error = is_ok(response) ? progress.error() : message_in(response);
    return error.empty() ? std::nullopt : std::optional(explain_pull_error(error, image));
}

/// Their ids, the one made first at the front.
std::vector<std::string> Daemon::private_networks() {
    const auto filters = fmt::format(R"({{"label":["{}=private"]}})", private_network_label);
    return network_ids_in(send(request("GET", "/networks?filters=" + url_encoded(filters), quick_timeout)));
}

std::vector<std::string> Daemon::make_private_network() {
    auto asked = request("POST", "/networks/create", slow_timeout);
    asked.headers.emplace_back("Content-Type", "application/json");
    asked.body = private_network_body();
    const auto made = send(asked);
    auto there = private_networks();
    if (there.empty()) {
        throw unavailable("the Docker daemon does not make the network {}: {}", private_network,
                          message_in(made));
    }
    return there;
}

std::string Daemon::ensure_private_network() {
    auto there = private_networks();
    if (there.size() != 1) {
        const std::lock_guard only_one(making_network_);
        there = private_networks();
        if (there.empty()) {
            there = make_private_network();
        }
        for (std::size_t later = 1; later < there.size(); ++later) {  // two servers were at it
            (void)send(request("DELETE", "/networks/" + there[later], quick_timeout));
        }
    }
    return there.front();
}

CreateOutcome Daemon::create(const std::string& name, const std::string& body) {
    auto asked = request("POST", "/containers/create?name=" + name, slow_timeout);
    asked.headers.emplace_back("Content-Type", "application/json");
    asked.body = body;
    const auto response = send(asked);
    const std::string message = is_ok(response) ? "" : message_in(response);
    if (message.empty()) {
        return ContainerMade{};
    }
    // Podman says it with status 500.
    if (response.status == 409 || message.find("is already in use") != std::string::npos) {
        return NameTaken{};
    }
    if (response.status == 404) {
        return ImageMissing{};
    }
    return DaemonRefusal{response.status, message};
}

std::optional<ContainerState> Daemon::inspect(const std::string& name) {
    const auto response = send(request("GET", container_path(name, "/json"), quick_timeout));
    if (response.status == 404) {
        return std::nullopt;
    }
    return container_state_in(response);
}

std::set<std::string> Daemon::list_ended(const std::string& label) {
    const auto filters = fmt::format(R"({{"label":["{}"],"status":["exited","dead"]}})", label);
    return names_in(
        send(request("GET", "/containers/json?all=1&filters=" + url_encoded(filters), quick_timeout)));
}

std::optional<DaemonRefusal> Daemon::start(const std::string& name) {
    const auto response = send(request("POST", container_path(name, "/start"), slow_timeout));
    if (is_ok(response) || response.status == 304) {
        return std::nullopt;
    }
    std::string message = message_in(response);
    if (message.find("is ambiguous") != std::string::npos) {  // until one of those who made it takes his back
        throw unavailable("the Docker daemon cannot start a container yet: {}", message);
    }
    return DaemonRefusal{response.status, std::move(message)};
}

bool Daemon::kill(const std::string& name, const std::string& signal) {
    const auto response =
        send(request("POST", container_path(name, "/kill?signal=" + signal), quick_timeout));
    if (is_ok(response)) {
        return true;
    }
    // 409, and 500 from Podman: it does not run.
    if (response.status != 404 && response.status != 409 &&
        message_in(response).find("can only kill running containers") == std::string::npos) {
        throw unexpected_answer(response);
    }
    return false;
}

void Daemon::remove(const std::string& name) {
    const auto response = send(request("DELETE", container_path(name, "?force=1&v=1"), slow_timeout));
    // 409 is no end: somebody is at removing it, and a daemon that goes away meanwhile keeps it.
    if (!is_ok(response) && response.status != 404) {
        throw unexpected_answer(response);
    }
}

bool Daemon::remembers_making(const std::string& name) {
    const auto filters =
        fmt::format(R"({{"type":["container"],"event":["create"],"container":["{}"]}})", name);
    auto asked = request("GET", "/events?since=0&filters=" + url_encoded(filters), quick_timeout);
    asked.on_new_connection = true;  // one that is about to go away takes none
    bool is_told = false;
    asked.longest = milliseconds{500};  // what is past comes at once, then it would wait for more
    asked.take_body = [&](std::string_view) {
        is_told = true;
        return false;
    };
    if (const auto response = send(asked); response.is_whole && !is_ok(response)) {
        throw unexpected_answer(response);
    }
    return is_told;
}

void Daemon::follow_log(const std::string& name, milliseconds longest,
                        const std::function<void(std::string_view)>& take, const std::stop_token& stop) {
    auto asked = log_request(name, "&follow=1", take);
    asked.longest = longest;
    asked.stop = stop;
    stream_log(asked);
}

void Daemon::read_log(const std::string& name, const std::function<void(std::string_view)>& take) {
    stream_log(log_request(name, "", take));
}

std::string Daemon::end_of_log(const std::string& name, std::size_t pieces) {
    std::string stream;
    stream_log(
        log_request(name, fmt::format("&tail={}", pieces), [&](std::string_view piece) { stream += piece; }));
    return stream;
}

HttpRequest Daemon::log_request(const std::string& name, std::string_view how,
                                const std::function<void(std::string_view)>& take) {
    const auto query = fmt::format("/logs?stdout=1&stderr=1&timestamps={:d}{}", gives_timed_logs(), how);
    auto asked = request("GET", container_path(name, query), milliseconds{0});
    asked.take_body = [take](std::string_view piece) {
        take(piece);
        return true;
    };
    return asked;
}

void Daemon::stream_log(const HttpRequest& asked) {
    const auto response = send(asked);
    if (response.is_whole && !is_ok(response) && response.status != 404) {
        throw unexpected_answer(response);
    }
}

bool Daemon::was_away_at(TimePoint time) {
    // A daemon that is told to end takes no new connections any more, then ends its containers, within 15
    // seconds.
    constexpr seconds margin{20};
    constexpr seconds after{3};  // what ends later ended under a daemon that was back
    try {
        HttpRequest trial = request("GET", "/_ping", ping_timeout);
        trial.on_new_connection = true;
        (void)send(trial);
    } catch (const Error&) {
        return true;
    }
    auto absence = absence_.lock();
    return absence->began && time >= *absence->began - margin &&
           (!absence->ended || time <= *absence->ended + after);
}

}  // namespace flotilla

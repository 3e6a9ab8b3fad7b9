#include "app/serve.hpp"

#include <chrono>
#include <exception>
#include <iostream>
#include <optional>

#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>

#include "app/application.hpp"
#include "app/database.hpp"
#include "app/secrets.hpp"
#include "app/supervisor.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "config/load.hpp"
#include "net/curl_http_client.hpp"

namespace flotilla {

namespace {

/// Blocks the signals that end the server, in this thread and in those that it starts, so that `wait` gets
/// them.
class EndSignals {
public:
    EndSignals() {
        sigemptyset(&signals_);
        sigaddset(&signals_, SIGINT);
        sigaddset(&signals_, SIGTERM);
        ::pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
        ::signal(SIGPIPE, SIG_IGN);
    }
    int wait() const {
        int signal = 0;
        ::sigwait(&signals_, &signal);
        return signal;
    }
    /// Nothing if none comes in that time.
    std::optional<int> wait_for(std::chrono::microseconds time) const {
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
        const timespec limit{seconds.count(), std::chrono::nanoseconds(time - seconds).count()};
        const int signal = ::sigtimedwait(&signals_, nullptr, &limit);
        return signal > 0 ? std::optional(signal) : std::nullopt;
    }

private:
    sigset_t signals_{};
};

/// Connections and live runs take file descriptors: as many may be open as the host allows.
void raise_file_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/// Lets threads share few heaps: each keeps what was freed in it, and only so many threads run at once. What
/// is large, such as a long answer, goes back to the system when it is freed.
void share_heaps() {
    constexpr int heaps = 2;
    constexpr int large = 1 << 20;
    ::mallopt(M_ARENA_MAX, heaps);
    ::mallopt(M_MMAP_THRESHOLD, large);
}

void print(std::string_view kind, const std::vector<std::string>& lines) {
    for (const std::string& line : lines) {
        std::cerr << "flotilla: " << kind << line << '\n';
    }
}

/// Whether a request is answered at the address where the server listens; one without a host is every
/// address.
bool is_answered(HttpClient& http, const std::string& address, std::chrono::microseconds within) {
    const std::string host = address.starts_with(':') ? "127.0.0.1" : "";
    const auto timeout = std::chrono::duration_cast<std::chrono::milliseconds>(within);
    try {
        return http.send({.url = "http://" + host + address + "/health", .timeout = timeout}).status == 200;
    } catch (const Error& error) {
        log_warning("no sign of life: {}", error.what());
        return false;
    }
}

/// The signal that came. Until then gives a supervisor the signs of life that it wants, as long as requests
/// are answered.
int wait_for_end(const EndSignals& signals, const std::string& address) {
    const auto interval = Supervisor::wanted_interval();
    if (!interval) {
        return signals.wait();
    }
    CurlHttpClient http;
    std::optional<int> signal;
    while (!signal) {
        if (is_answered(http, address, *interval)) {
            Supervisor::tell_alive();
        }
        signal = signals.wait_for(*interval);
    }
    return *signal;
}

void serve_until_told(const Config& config) {
    raise_file_limit();
    share_heaps();
    const EndSignals signals;
    Application application(config);
    log_info("flotilla {} listening on {}", FLOTILLA_VERSION, application.address());
    Supervisor::tell_ready();
    const int signal = wait_for_end(signals, application.address());
    Supervisor::tell_stopping();
    log_info("{}: stopping; jobs go on", signal == SIGINT ? "SIGINT" : "SIGTERM");
}

}  // namespace

int serve(const ServeOptions& options) {
    auto loaded = load_config(options.config, process_environment(),
                              {.ignore_unknown = options.ignore_unknown, .file_required = true, .host = {}});
    for (const std::string& mistake : configured_secrets(loaded.config).mistakes()) {
        loaded.warnings.push_back(mistake + "; runs that ask for it are refused until it can");
    }
    if (auto mistake = mistake_in_database_url(loaded.config)) {
        loaded.errors.push_back(std::move(*mistake));
    }
    const bool is_refused = !loaded.errors.empty() || (!options.check && !loaded.not_built.empty());
    if (is_refused || options.check) {
        print("warning: ", loaded.warnings);
        print(options.check ? "warning: " : "", loaded.not_built);
        print("", loaded.errors);
    }
    if (is_refused) {
        return 1;
    }
    if (options.check) {
        std::cout << "the configuration is in order\n";
        return 0;
    }
    configure_log(loaded.config.log.format, loaded.config.log.level);
    for (const std::string& warning : loaded.warnings) {
        log_warning("{}", warning);
    }
    try {
        serve_until_told(loaded.config);
    } catch (const std::exception& error) {
        log_error("the server cannot start: {}", error.what());
        return 1;
    }
    log_info("stopped");
    return 0;
}

}  // namespace flotilla

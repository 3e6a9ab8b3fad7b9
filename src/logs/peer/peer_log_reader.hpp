#pragma once

#include <optional>
#include <string>

#include "logs/log_reader.hpp"
#include "net/http_client.hpp"

namespace flotilla {

/// A server of another host, as one that reads its logs has to know it.
struct Peer {
    std::string address;  ///< `HOST:PORT` or a URL
    std::string token;    ///< by which it lets this server read the log; empty: it asks for none
};

/// Who serves which host. Safe to call from any thread.
class PeerDirectory {
public:
    PeerDirectory() = default;
    PeerDirectory(const PeerDirectory&) = delete;
    PeerDirectory& operator=(const PeerDirectory&) = delete;
    virtual ~PeerDirectory() = default;
    /// The server of the host that has the log; nothing if there never was one. Throws `unavailable` if it
    /// was not heard of for so long that it was given up.
    [[nodiscard]] virtual std::optional<Peer> find(const AttemptLog& log) = 0;
};

/// Logs of this host, and those of other hosts, which their servers are asked for. Throws `unavailable` when
/// such a server cannot be reached.
class PeerLogReader final : public LogReader {
public:
    /// `host` is the id of this one. All else outlives this object.
    PeerLogReader(LogReader& own, std::string host, PeerDirectory& peers, HttpClient& http)
        : own_(own), host_(std::move(host)), peers_(peers), http_(http) {}

    LogPage read(const AttemptLog& log, std::int64_t offset, std::size_t most) override;
    /// Of another host's log 0: nobody knows without asking.
    std::int64_t size(const AttemptLog& log) override;
    std::unique_ptr<LogBytes> open(const AttemptLog& log) override;

private:
    class PeerBytes;
    struct Part {
        std::string bytes;
        std::int64_t size = 0;  ///< of the whole log
    };

    [[nodiscard]] bool is_own(const AttemptLog& log) const;
    [[nodiscard]] Part fetch(const AttemptLog& log, std::int64_t offset, std::size_t most);

    LogReader& own_;
    std::string host_;
    PeerDirectory& peers_;
    HttpClient& http_;
};

}  // namespace flotilla

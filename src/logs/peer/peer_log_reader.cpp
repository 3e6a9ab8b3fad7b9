#include "logs/peer/peer_log_reader.hpp"

#include <charconv>
#include <stdexcept>

#include <fmt/format.h>

#include "base/error.hpp"
#include "logs/log_page.hpp"

namespace flotilla {

namespace {

constexpr std::chrono::seconds patience{5};

/// The size that `bytes 0-9/100` or `bytes */100` ends with.
std::int64_t size_in(std::string_view content_range) {
    std::int64_t size = 0;
    const auto slash = content_range.find('/');
    if (slash != std::string_view::npos) {
        const auto digits = content_range.substr(slash + 1);
        std::from_chars(digits.data(), digits.data() + digits.size(), size);
    }
    return size;
}

HttpRequest request_for(const Peer& peer, const AttemptLog& log, std::int64_t offset, std::size_t most) {
    const bool is_url = peer.address.find("://") != std::string::npos;
    HttpRequest request;
    request.url = fmt::format("{}{}/api/v1/{}/logs?raw&attempt={}", is_url ? "" : "http://", peer.address,
                              url_encoded(log.run.value), log.attempt);
    request.headers = {
        {"Range", fmt::format("bytes={}-{}", offset, offset + static_cast<std::int64_t>(most) - 1)},
        {std::string(peer_header), log.host}};
    if (!peer.token.empty()) {
        request.headers.emplace_back("Authorization", "Bearer " + peer.token);
    }
    request.timeout = patience;
    return request;
}

}  // namespace

/// Fetched part by part.
class PeerLogReader::PeerBytes final : public LogBytes {
public:
    PeerBytes(PeerLogReader& reader, AttemptLog log, std::int64_t size)
        : reader_(reader), log_(std::move(log)), size_(size) {}
    std::int64_t size() const override { return size_; }
    std::string read(std::int64_t offset, std::size_t count) override {
        std::string bytes = reader_.fetch(log_, offset, count).bytes;
        if (bytes.size() < count) {
            throw std::runtime_error("a log that is being sent has become shorter");
        }
        return bytes;
    }

private:
    PeerLogReader& reader_;
    AttemptLog log_;
    std::int64_t size_;
};

LogPage PeerLogReader::read(const AttemptLog& log, std::int64_t offset, std::size_t most) {
    return is_own(log) ? own_.read(log, offset, most)
                       : cut_page(fetch(log, offset, most).bytes, most, log.is_complete);
}

std::int64_t PeerLogReader::size(const AttemptLog& log) {
    return is_own(log) ? own_.size(log) : 0;
}

std::unique_ptr<LogBytes> PeerLogReader::open(const AttemptLog& log) {
    if (is_own(log)) {
        return own_.open(log);
    }
    const auto size = fetch(log, 0, 1).size;
    return size > 0 ? std::make_unique<PeerBytes>(*this, log, size) : nullptr;
}

bool PeerLogReader::is_own(const AttemptLog& log) const {
    return log.host.empty() || log.host == host_;
}

PeerLogReader::Part PeerLogReader::fetch(const AttemptLog& log, std::int64_t offset, std::size_t most) {
    if (log.is_for_this_host) {  // the server that asks took this one for another
        throw unavailable("the log of run {} is on another host", log.run.value);
    }
    const auto peer = peers_.find(log);
    if (!peer) {
        throw unavailable("the log of run {} is on a host that is not known any more", log.run.value);
    }
    const HttpResponse answer = http_.send(request_for(*peer, log, offset, most));
    switch (answer.status) {
        case 206:
            return {answer.body, size_in(answer.header("Content-Range"))};
        case 416:
            return {{}, size_in(answer.header("Content-Range"))};
        case 200:
            return {};  // there is no log yet
        default:
            throw unavailable("the log of run {} is on host {}, which answered {}", log.run.value,
                              peer->address, answer.status);
    }
}

}  // namespace flotilla

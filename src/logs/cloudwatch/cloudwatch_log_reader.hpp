#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/guarded.hpp"
#include "base/waiting_place.hpp"
#include "logs/cloudwatch/log_stream.hpp"
#include "logs/log_reader.hpp"
#include "net/aws/client.hpp"

namespace flotilla {

struct CloudWatchLogOptions {
    LogLocation location;          ///< of logs that do not say theirs
    std::filesystem::path folder;  ///< of the copies, which lie there as other logs do (log_path.hpp)
};

/// Reads logs of CloudWatch: what was read of one is kept in a file, so that it is fetched once and can be
/// read from any byte on. The file is made anew from CloudWatch where it is gone.
class CloudWatchLogReader final : public LogReader {
public:
    /// `files` reads the copies.
    CloudWatchLogReader(AwsClient& aws, Clock& clock, LogReader& files, CloudWatchLogOptions options)
        : aws_(aws), clock_(clock), files_(files), options_(std::move(options)) {}

    [[nodiscard]] LogPage read(const AttemptLog& log, std::int64_t offset, std::size_t most) override;
    [[nodiscard]] std::int64_t size(const AttemptLog& log) override { return files_.size(log); }
    [[nodiscard]] bool may_grow(const AttemptLog& log) override { return !copy_of(log)->is_whole; }
    [[nodiscard]] std::unique_ptr<LogBytes> open(const AttemptLog& log) override;

    /// That AWS lets nobody read logs, as it said when one was asked for last, and why, in one line; nothing
    /// if it does.
    [[nodiscard]] std::optional<std::string> denial() { return *denial_.lock(); }

private:
    /// What was fetched of a log.
    struct Copy {
        std::mutex mutex;
        std::condition_variable changed;
        bool is_being_fetched = false;                              ///< a page of it, which needs no lock
        std::uint64_t tries = 0;                                    ///< to fetch one
        std::exception_ptr failure{};                               ///< of the last try
        std::chrono::microseconds failed_at{};                      ///< `Clock::elapsed`
        std::optional<std::chrono::microseconds> looked_at{};       ///< likewise: there was nothing more
        std::optional<std::chrono::microseconds> complete_since{};  ///< likewise, as far as is known here
        std::atomic<bool> is_whole = false;  ///< it was looked at long after its attempt's end
    };
    using Lock = std::unique_lock<std::mutex>;

    /// Fetches what has come since the last look; at most until the copy is so long. Page by page, so that
    /// nobody waits for what another wants besides. Throws `Error` if AWS does not answer, or did not a
    /// moment ago.
    void fetch(const AttemptLog& log, std::int64_t until);
    void note_end(Copy& copy, const AttemptLog& log);
    [[nodiscard]] bool has_enough(const Copy& copy, const AttemptLog& log, std::int64_t until) const;
    void fetch_page(Copy& copy, Lock& lock, const AttemptLog& log);
    /// False if there is none.
    bool append_page(const AttemptLog& log);
    [[nodiscard]] std::optional<LogEvents> next_events(const AttemptLog& log, const LogPlace& from);
    [[nodiscard]] std::filesystem::path path_of(const AttemptLog& log) const;
    [[nodiscard]] std::shared_ptr<Copy> copy_of(const AttemptLog& log);

    static constexpr std::ptrdiff_t most_waiting = 24;  ///< threads, of some 64 that handle requests

    AwsClient& aws_;
    Clock& clock_;
    LogReader& files_;
    CloudWatchLogOptions options_;
    WaitingPlaces waiting_{most_waiting};
    Guarded<std::map<std::string, std::shared_ptr<Copy>>> copies_;
    Guarded<std::optional<std::string>> denial_;
};

}  // namespace flotilla

#include "logs/cloudwatch/cloudwatch_log_reader.hpp"

#include <limits>
#include <sstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/file.hpp"
#include "base/log.hpp"
#include "base/thread_pool.hpp"
#include "logs/cloudwatch/log_stream.hpp"
#include "logs/file/log_path.hpp"

namespace flotilla {

namespace {

constexpr std::chrono::seconds between_looks{1};
/// After its end an attempt's last lines are still on their way: the driver sends each few seconds, and what
/// came CloudWatch shows some seconds later.
constexpr std::chrono::seconds on_their_way{10};
/// For so long a log is not asked for again where AWS did not answer.
constexpr std::chrono::seconds left_alone{2};
constexpr std::int64_t ahead = 1 << 20;  // bytes that are fetched beyond what is asked for

/// How far the copy goes, and up to where it was read, in a file beside it.
struct Progress {
    std::int64_t length = 0;
    LogPlace place{};
};

/// None where there is no copy, or the file cannot be read: then it is made anew.
Progress read_progress(const std::filesystem::path& copy) {
    if (!std::filesystem::exists(copy)) {
        return {};
    }
    std::istringstream text(read_file(log_progress_path(copy)).value_or(""));
    Progress progress;
    LogPlace& place = progress.place;
    text >> progress.length >> place.token >> place.time >> place.count;
    return text ? progress : Progress{};
}

/// Appends at the place where the progress says that the copy ends: what a crash left behind it goes.
void append(const std::filesystem::path& copy, Progress& progress, const LogEvents& events) {
    const UniqueFd file(::open(copy.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (!file || ::ftruncate(file.get(), progress.length) != 0) {
        throw_errno(fmt::format("cannot write {}", copy.string()));
    }
    write_all(file.get(), events.text, copy.string());
    progress.length += static_cast<std::int64_t>(events.text.size());
    progress.place = events.end;
    const LogPlace& place = progress.place;
    write_file(log_progress_path(copy),
               fmt::format("{} {} {} {}", progress.length, place.token, place.time, place.count));
}

}  // namespace

std::shared_ptr<CloudWatchLogReader::Copy> CloudWatchLogReader::copy_of(const AttemptLog& log) {
    constexpr std::size_t most = 10'000;
    auto copies = copies_.lock();
    if (copies->size() >= most) {
        std::erase_if(*copies, [](const auto& entry) { return entry.second.use_count() == 1; });
    }
    auto& copy = (*copies)[fmt::format("{}.{}", log.run.value, log.attempt)];
    if (!copy) {
        copy = std::make_shared<Copy>();
    }
    return copy;
}

std::filesystem::path CloudWatchLogReader::path_of(const AttemptLog& log) const {
    return log_path(options_.folder, log.run, log.attempt);
}

void CloudWatchLogReader::note_end(Copy& copy, const AttemptLog& log) {
    if (!log.is_complete || copy.complete_since) {
        return;
    }
    const auto now = clock_.elapsed();
    const bool is_long_ago = log.ended_at && clock_.now() - *log.ended_at >= on_their_way;
    copy.complete_since = is_long_ago ? now - on_their_way : now;
    copy.looked_at.reset();
}

bool CloudWatchLogReader::has_enough(const Copy& copy, const AttemptLog& log, std::int64_t until) const {
    const bool was_just_looked_at = copy.looked_at && clock_.elapsed() - *copy.looked_at < between_looks;
    return was_just_looked_at || read_progress(path_of(log)).length >= until;
}

void CloudWatchLogReader::fetch(const AttemptLog& log, std::int64_t until) {
    const auto copy = copy_of(log);
    Lock lock(copy->mutex);
    if (log.handle.empty()) {
        copy->is_whole = true;  // no task was started
        return;
    }
    note_end(*copy, log);
    if (has_enough(*copy, log, until)) {
        return;
    }
    if (copy->failure && clock_.elapsed() - copy->failed_at < left_alone) {
        std::rethrow_exception(copy->failure);
    }
    const WaitingPlace place(waiting_);
    if (!place.is_taken()) {
        throw unavailable(
            "the log of run {} cannot be read now: {} wait for CloudWatch already; try again in "
            "a moment",
            log.run.value, most_waiting);
    }
    const BlockingSection waiting(WaitsFor::somebody_else);
    while (!has_enough(*copy, log, until)) {
        if (copy->is_being_fetched) {
            copy->changed.wait(lock, [&, before = copy->tries] { return copy->tries != before; });
        } else {
            fetch_page(*copy, lock, log);
        }
        if (copy->failure) {
            std::rethrow_exception(copy->failure);
        }
    }
}

void CloudWatchLogReader::fetch_page(Copy& copy, Lock& lock, const AttemptLog& log) {
    copy.is_being_fetched = true;
    lock.unlock();
    const auto begun = clock_.elapsed();
    bool has_come = false;
    std::exception_ptr failure;
    try {
        has_come = append_page(log);
    } catch (...) {
        failure = std::current_exception();
    }
    lock.lock();
    copy.is_being_fetched = false;
    copy.failure = failure;
    const auto now = clock_.elapsed();
    if (failure) {
        copy.failed_at = now;
    } else if (!has_come) {
        copy.looked_at = now;  // from here AWS is left alone for a moment, however many read
        copy.is_whole = copy.complete_since && begun - *copy.complete_since >= on_their_way;
    }
    ++copy.tries;
    copy.changed.notify_all();
}

bool CloudWatchLogReader::append_page(const AttemptLog& log) {
    const auto path = path_of(log);
    Progress progress = read_progress(path);
    const auto events = next_events(log, progress.place);
    if (!events || (events->text.empty() && events->end.token == progress.place.token)) {
        return false;
    }
    std::filesystem::create_directories(path.parent_path());
    append(path, progress, *events);
    return true;
}

std::optional<LogEvents> CloudWatchLogReader::next_events(const AttemptLog& log, const LogPlace& from) {
    const LogLocation location = log.location.empty() ? options_.location : LogLocation::parsed(log.location);
    try {
        auto events =
            read_log_stream(aws_, location.group, location.stream_of(log.definition.value, log.handle), from);
        denial_.lock()->reset();
        return events;
    } catch (const AwsError& error) {
        if (error.is_denied()) {
            auto denial = denial_.lock();
            if (!*denial) {
                log_warning("logs cannot be read: {}", error.what());
            }
            *denial = fmt::format("logs: {}", error.what());
        }
        throw;
    }
}

LogPage CloudWatchLogReader::read(const AttemptLog& log, std::int64_t offset, std::size_t most) {
    fetch(log, offset + static_cast<std::int64_t>(most) + ahead);
    return files_.read(log, offset, most);
}

std::unique_ptr<LogBytes> CloudWatchLogReader::open(const AttemptLog& log) {
    fetch(log, std::numeric_limits<std::int64_t>::max());
    return files_.open(log);
}

}  // namespace flotilla

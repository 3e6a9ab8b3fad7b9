#include "logs/cloudwatch/cloudwatch_log_reader.hpp"

#include <limits>
#include <sstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/file.hpp"
#include "logs/cloudwatch/log_stream.hpp"
#include "logs/file/log_path.hpp"

namespace flotilla {

namespace {

constexpr std::chrono::seconds between_looks{1};
/// After its end an attempt's last lines are still on their way: the driver sends each few seconds, and what
/// came CloudWatch shows some seconds later.
constexpr std::chrono::seconds on_their_way{10};
constexpr std::int64_t ahead = 1 << 20;  // bytes that are fetched beyond what is asked for

/// How far the copy goes, and up to where it was read, in a file beside it.
struct Progress {
    std::int64_t length = 0;
    LogPlace place{};
};

/// None where the file cannot be read: then the copy is made anew.
Progress read_progress(const std::filesystem::path& copy) {
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

void CloudWatchLogReader::fetch(const AttemptLog& log, std::int64_t until) {
    const auto path = log_path(options_.folder, log.run, log.attempt);
    const auto copy = copy_of(log);
    const std::lock_guard lock(copy->mutex);
    if (log.handle.empty()) {
        copy->is_whole = true;  // no task was started
        return;
    }
    Progress progress = std::filesystem::exists(path) ? read_progress(path) : Progress{};
    const auto now = clock_.elapsed();
    const bool has_just_ended = log.is_complete && !copy->complete_since;
    if (has_just_ended) {
        const bool is_long_ago = log.ended_at && clock_.now() - *log.ended_at >= on_their_way;
        copy->complete_since = is_long_ago ? now - on_their_way : now;
    }
    const bool was_just_looked_at = copy->looked_at && now - *copy->looked_at < between_looks;
    if (progress.length >= until || (was_just_looked_at && !has_just_ended)) {
        return;
    }
    const std::string stream = log_stream_name(options_.stream_prefix, log.definition.value, log.handle);
    while (progress.length < until) {
        const auto events = read_log_stream(aws_, options_.group, stream, progress.place);
        if (!events) {
            break;
        }
        const bool is_end = events->text.empty() && events->end.token == progress.place.token;
        if (is_end) {
            break;
        }
        std::filesystem::create_directories(path.parent_path());
        append(path, progress, *events);
    }
    // Once all is there, AWS is left alone for a moment, however many read.
    copy->looked_at = progress.length < until ? std::optional(clock_.elapsed()) : std::nullopt;
    copy->is_whole =
        progress.length < until && copy->complete_since && now - *copy->complete_since >= on_their_way;
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

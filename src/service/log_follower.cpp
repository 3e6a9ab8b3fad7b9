#include "service/log_follower.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "logs/unfinished_line.hpp"

namespace flotilla {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t part_size =
    std::size_t{64} * 1024;  // what a reader that takes nothing may hold in memory
constexpr milliseconds shortest_pause{50};
constexpr milliseconds longest_pause{1'000};

}  // namespace

LogFollower::LogFollower(RunService& runs, LogReader& reader, Run run, LogPosition from)
    : runs_(runs), reader_(reader), run_(std::move(run)), position_(from), pause_(shortest_pause) {}

LogNews LogFollower::next(Moment now) {
    if (auto news = read(now)) {
        return *std::move(news);
    }
    if (now < next_look_) {
        return NothingNew{};
    }
    // the run before the log: what was written before the end is then surely in what is read
    look(now);
    return read(now).value_or(NothingNew{});
}

/// What can be said with what is known of the run.
std::optional<LogNews> LogFollower::read(Moment now) {
    const AttemptLog current = log_of(run_, position_.attempt);
    size_ = reader_.size(current);
    const bool may_grow = !current.is_complete || reader_.may_grow(current);
    LogPage page = reader_.read(current, position_.offset, part_size);
    if (page.length > 0) {
        position_.offset += page.length;
        begun_ = page.is_cut ? unfinished_line(begun_ + page.text) : "";
        shown_.clear();
        look_soon(now);
        return LogLines{std::move(page.text), position_.token(), page.is_cut};
    }
    if (may_grow) {
        std::string line = page.rest.empty() ? shown_ : unfinished_line(begun_ + page.rest);
        if (line == shown_) {
            return std::nullopt;
        }
        shown_ = line;
        look_soon(now);
        return UnfinishedLine{std::move(line)};
    }
    if (position_.attempt < run_.attempt.number) {
        position_ = {position_.attempt + 1, 0};
        begun_.clear();
        return AttemptBegan{position_.attempt, position_.token()};
    }
    if (run_.status == RunStatus::stopped) {
        return LogEnded{run_.status, run_.shown_exit_code()};
    }
    return std::nullopt;
}

/// More may follow.
void LogFollower::look_soon(Moment now) {
    pause_ = shortest_pause;
    next_look_ = now + pause_;
}

void LogFollower::look(Moment now) {
    next_look_ = now + pause_;
    pause_ = std::min(pause_ * 2, longest_pause);
    try {
        run_ = runs_.get(run_.id);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::unavailable) {
            throw;
        }
        // the store does not answer now: what is known stays, the next look may find more
    }
}

bool LogFollower::is_due(Moment now) const {
    return now >= next_look_ || reader_.size(log_of(run_, position_.attempt)) > size_;
}

}  // namespace flotilla

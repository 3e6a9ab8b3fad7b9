#include "service/log_service.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "logs/log_position.hpp"

namespace flotilla {

namespace {

constexpr std::size_t page_size = std::size_t{1024} * 1024;

/// Of the cluster of the run or, if that is no longer configured, of another one of the same engine. Throws
/// `not_found` where no cluster of this server has it, `unavailable` where one may.
LogReader& reader_of(const Run& run, const Clusters& clusters) {
    if (const ServedCluster* served = clusters.find(run.cluster)) {
        return served->logs;
    }
    const auto all = clusters.all();
    const auto same_engine = std::find_if(all.begin(), all.end(), [&](const ServedCluster* served) {
        return served->cluster.engine == run.engine;
    });
    if (same_engine == all.end()) {
        if (const auto gap = clusters.gap()) {
            throw unavailable("the log of run {} cannot be read now: {}", run.id.value, *gap);
        }
        throw not_found("the log of run {} is not here: its cluster [{}] is not configured", run.id.value,
                        run.cluster);
    }
    return (*same_engine)->logs;
}

/// The log of the attempt, the current one if none is named.
AttemptLog existing_log(const Run& run, std::optional<int> attempt) {
    const int number = attempt.value_or(run.attempt.number);
    if (number < 1 || number > run.attempt.number) {
        throw not_found("Run with id {} has no attempt {}", run.id.value, number);
    }
    return log_of(run, number);
}

/// Whether the log may be read: that of the current attempt only once it is `RUNNING`.
bool is_readable(const AttemptLog& log, const Run& run) {
    return log.attempt < run.attempt.number ||
           (run.status != RunStatus::queued && run.status != RunStatus::pending);
}

}  // namespace

LogText LogService::read(const RunId& id, std::string_view last_seen, std::optional<int> attempt) {
    const Run run = runs_.get(id);
    const AttemptLog log = existing_log(run, attempt);
    if (!is_readable(log, run)) {
        return {};
    }
    LogPosition position{log.attempt, 0};
    if (!last_seen.empty()) {
        const LogPosition seen = parse_log_position(last_seen);
        position = seen.attempt == log.attempt ? seen : position;
    }
    LogReader& reader = reader_of(run, clusters_);
    const bool may_grow = log.is_complete && reader.may_grow(log);
    LogPage page = reader.read(log, position.offset, page_size);
    position.offset += page.length;
    const bool is_nothing_new = page.length == 0 && !last_seen.empty();
    return {std::move(page.text), is_nothing_new ? std::string(last_seen) : position.token(), may_grow};
}

RawLog LogService::open(const RunId& id, std::optional<int> attempt, Asker asker) {
    const Run run = runs_.get(id);
    AttemptLog log = existing_log(run, attempt);
    log.is_for_this_host = asker == Asker::another_server;
    return {open(run, log), log.attempt};
}

/// Null if there is nothing to read yet.
std::unique_ptr<LogBytes> LogService::open(const Run& run, const AttemptLog& log) {
    return is_readable(log, run) ? reader_of(run, clusters_).open(log) : nullptr;
}

NumberedLines LogService::lines(const RunId& id, std::optional<int> attempt,
                                std::optional<std::int64_t> first, std::int64_t count) {
    constexpr std::int64_t most = 10'000;
    if (count < 1 || count > most) {
        throw invalid("count has to be from 1 to {}", most);
    }
    if (first && *first < 1) {
        throw invalid("first has to be the number of a line: they are counted from 1");
    }
    const Run run = runs_.get(id);
    const AttemptLog log = existing_log(run, attempt);
    NumberedLines lines{.attempt = log.attempt, .range = {}};
    if (const auto bytes = open(run, log)) {
        lines.range = read_lines(*bytes, log.is_complete, first, count);
        lines.last_seen = LogPosition{log.attempt, lines.range.length}.token();
    }
    return lines;
}

LineMatches LogService::search(const RunId& id, std::optional<int> attempt, const LineQuery& query) {
    constexpr std::size_t most = 1000;
    if (query.text.empty() || query.text.size() > most || query.text.find('\n') != std::string_view::npos) {
        throw invalid("text has to be from 1 to {} bytes of one line", most);
    }
    if (query.offset < 0) {
        throw invalid("offset has to be how many of the lines found are left out, 0 or more");
    }
    const Run run = runs_.get(id);
    const AttemptLog log = existing_log(run, attempt);
    const auto bytes = open(run, log);
    return bytes ? find_lines(*bytes, log.is_complete, query) : LineMatches{};
}

LogFollower LogService::follow(const RunId& id, std::string_view last_seen) {
    Run run = runs_.get(id);
    LogPosition position{run.attempt.number, 0};
    if (!last_seen.empty()) {
        position = parse_log_position(last_seen);
        static_cast<void>(existing_log(run, position.attempt));
    }
    LogReader& reader = reader_of(run, clusters_);
    return {runs_, reader, std::move(run), position};
}

}  // namespace flotilla

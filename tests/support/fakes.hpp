#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "base/uuid.hpp"
#include "engine/engine.hpp"
#include "engine/secrets.hpp"
#include "image/image_check.hpp"
#include "logs/log_reader.hpp"
#include "support/sample_runs.hpp"

namespace flotilla::test {

/// A time that one thread moves and any may read.
struct SharedTime : std::atomic<TimePoint> {
    using std::atomic<TimePoint>::atomic;
    using std::atomic<TimePoint>::operator=;
    void operator+=(std::chrono::microseconds by) { store(load() + by); }
    void operator-=(std::chrono::microseconds by) { store(load() - by); }
};

/// A clock that stands still until it is moved. Begins at noon.
class FakeClock final : public Clock {
public:
    TimePoint now() override { return time; }
    std::chrono::microseconds elapsed() override { return time.load() - noon - set_by_.load(); }
    /// As somebody sets a clock: no time passes.
    void set(std::chrono::microseconds by) {
        time += by;
        set_by_ = set_by_.load() + by;
    }
    SharedTime time = noon;

private:
    std::atomic<std::chrono::microseconds> set_by_{std::chrono::microseconds{0}};
};

/// Chance that never takes anything away.
class NoRandom final : public Random {
public:
    double unit() override { return 0.0; }
};

/// id-1, id-2, ...
class CountingIdMaker final : public IdMaker {
public:
    std::string uuid() override { return "id-" + std::to_string(++count_); }

private:
    int count_ = 0;
};

/// An engine that does what the test says and remembers what it was asked.
class FakeEngine final : public Engine {
public:
    SubmitOutcome submit(const Task& task) override {
        const std::lock_guard one_at_a_time(submitting_);
        submitted.push_back(task);
        if (unreachable) {
            throw unavailable("the engine does not answer");
        }
        if (auto other = outcome_of ? outcome_of(task) : std::nullopt) {
            return *std::move(other);
        }
        if (std::holds_alternative<SubmitAccepted>(outcome)) {
            known.try_emplace(task.name, NotStarted{});
        }
        if (on_submit) {
            on_submit();
        }
        if (loses_answers) {
            throw unavailable("the engine was heard no more");
        }
        return outcome;
    }
    std::size_t submits_at_once() const override { return at_once; }
    void stop(const AttemptName& name, std::chrono::seconds) override {
        asked_to_stop.push_back(name.text());
        if (refuses_to_stop) {
            throw unavailable("the engine stops nothing");
        }
        stopped.push_back(name.text());
    }
    std::optional<Observation> inspect(const AttemptName& name) override {
        const auto found = known.find(name);
        return found == known.end() ? std::nullopt : std::optional(found->second);
    }
    std::vector<EngineNews> wait_for_news(std::stop_token, std::chrono::milliseconds) override {
        return std::exchange(news, {});
    }
    void forget(const AttemptName& name) override {
        known.erase(name);
        forgotten.push_back(name.text());
    }
    std::vector<AttemptName> list() override {
        std::vector<AttemptName> names;
        for (const auto& [name, observation] : known) {
            names.push_back(name);
        }
        return names;
    }
    std::string why_unknown() override { return reported_loss; }
    std::optional<std::string> trouble() override { return reported_trouble; }
    std::vector<std::string> losses() override { return reported_losses; }

    SubmitOutcome outcome = SubmitAccepted{"handle"};
    std::size_t at_once = 1;
    std::function<std::optional<SubmitOutcome>(const Task&)> outcome_of;  ///< what differs from that
    bool unreachable = false;
    bool loses_answers = false;  ///< takes what is submitted, and does not say so
    bool refuses_to_stop = false;
    std::function<void()> on_submit;  ///< what happens while it takes what is submitted
    std::optional<std::string> reported_trouble;
    std::vector<std::string> reported_losses;
    std::string reported_loss = "the engine no longer knows this run";
    std::vector<Task> submitted;
    std::vector<std::string> asked_to_stop;
    std::vector<std::string> stopped;
    std::vector<std::string> forgotten;
    std::map<AttemptName, Observation> known;
    std::vector<EngineNews> news;

private:
    std::mutex submitting_;
};

class FakeImageCheck final : public ImageCheck {
public:
    ImageAnswer check(const ImageReference&) override { return answer; }
    std::vector<std::string> names() override { return at_hand; }
    void keep_only(const std::set<std::string>& digests, const std::stop_token&) override { kept = digests; }
    ImageAnswer answer = ImagePresent{"sha256:of-the-fake"};
    std::set<std::string> kept;
    std::vector<std::string> at_hand;
};

/// Logs in memory, by run and attempt.
/// Knows the secrets that the test names.
class FakeSecretCheck final : public SecretCheck {
public:
    void check(const std::vector<std::string>& names) override {
        for (const std::string& name : names) {
            if (!known.contains(name)) {
                throw invalid("secret [{}] is not configured", name);
            }
        }
    }
    std::set<std::string> known;
};

class FakeLogReader final : public LogReader {
    class Bytes final : public LogBytes {
    public:
        explicit Bytes(std::string bytes) : bytes_(std::move(bytes)) {}
        std::int64_t size() const override { return static_cast<std::int64_t>(bytes_.size()); }
        std::string read(std::int64_t offset, std::size_t count) override {
            return bytes_.substr(static_cast<std::size_t>(offset), count);
        }

    private:
        std::string bytes_;
    };

public:
    bool may_grow(const AttemptLog&) override { return is_late; }
    LogPage read(const AttemptLog& log, std::int64_t offset, std::size_t) override {
        const std::string& bytes = logs[{log.run.value, log.attempt}];
        LogPage page;
        const auto rest = bytes.substr(std::min(static_cast<std::size_t>(offset), bytes.size()));
        const bool is_cut = rest.size() >= cuts_at && rest.find('\n') == std::string::npos;
        const auto length = is_cut ? cuts_at : log.is_complete ? rest.size() : rest.rfind('\n') + 1;
        page.is_cut = is_cut;
        page.text = rest.substr(0, length);
        page.length = static_cast<std::int64_t>(length);
        page.rest = is_cut ? "" : rest.substr(length);
        if (page.text.ends_with('\n')) {
            page.text.pop_back();
        }
        return page;
    }
    std::int64_t size(const AttemptLog& log) override {
        return static_cast<std::int64_t>(logs[{log.run.value, log.attempt}].size());
    }
    std::unique_ptr<LogBytes> open(const AttemptLog& log) override {
        return std::make_unique<Bytes>(logs[{log.run.value, log.attempt}]);
    }
    std::map<std::pair<std::string, int>, std::string> logs;
    std::size_t cuts_at = 64 * 1024;  ///< how much of a line makes a piece
    bool is_late = false;             ///< more may come after the end
};

}  // namespace flotilla::test

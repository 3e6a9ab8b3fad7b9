#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/engine.hpp"
#include "simulation/history.hpp"
#include "simulation/ledger.hpp"

namespace flotilla::simulation {

/// The containers of one cluster, which live on while no server is there. Does with them what the plan says,
/// and holds it to what was promised.
class World {
public:
    World(History& history, const Ledger& ledger, const Cluster& cluster)
        : history_(history), ledger_(ledger), cluster_(cluster) {}

    // What an engine can do, see engine/engine.hpp.
    SubmitOutcome submit(const Task& task);
    void stop(const AttemptName& name, std::chrono::seconds grace);
    [[nodiscard]] std::optional<Observation> inspect(const AttemptName& name) const;
    void forget(const AttemptName& name);
    [[nodiscard]] std::vector<AttemptName> list() const;

    /// News that nobody fetched yet; the bell rings when there is some.
    [[nodiscard]] std::vector<EngineNews> fetch_news() { return std::exchange(news_, {}); }
    [[nodiscard]] bool has_news() const { return !news_.empty(); }
    [[nodiscard]] Bell& news_bell() { return news_bell_; }

    /// The server is gone, and the next one is there.
    void lose_news() { news_.clear(); }
    void tell_all_again();

    [[nodiscard]] bool is_empty() const { return containers_.empty(); }
    /// The containers that no run needs.
    [[nodiscard]] std::set<AttemptName> orphans() const;
    /// The runs whose containers would never end: not by themselves, and nobody has asked for it.
    [[nodiscard]] std::set<std::string> hanging_runs() const;
    [[nodiscard]] std::string describe_containers() const;

private:
    struct Container {
        std::uint64_t serial = 0;
        Task task;
        Life life;
        TimePoint taken_at;
        std::optional<Started> started = {};
        std::optional<Ended> ended = {};
        bool stop_wanted = false;
    };

    [[nodiscard]] Life life_of(const AttemptName& name) const;
    void check_submission(const Task& task);
    void check_capacity(const Task& task);
    void check_stop(const Container& container);
    /// `event` happens to the container after a while, if it is still there then.
    void later(const AttemptName& name, Duration after, void (World::*event)(Container&));
    void begin(Container& container);
    void start(Container& container);
    void run_out(Container& container);
    void end_by_sigterm(Container& container);
    void kill(Container& container);
    void end(Container& container, std::optional<int> exit_code, ExitClass exit_class, std::string reason);
    void vanish(Container& container);
    void tell(const AttemptName& name, const Observation& observation);
    void deliver(const AttemptName& name, const Observation& observation);

    History& history_;
    const Ledger& ledger_;
    const Cluster& cluster_;
    std::uint64_t serials_ = 0;
    std::map<AttemptName, Container> containers_;
    std::map<AttemptName, int> starts_;
    std::map<AttemptName, int> deferrals_;
    std::vector<EngineNews> news_;
    Bell news_bell_;
};

}  // namespace flotilla::simulation

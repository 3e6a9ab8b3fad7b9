#include "queue/turns.hpp"

#include <algorithm>
#include <deque>

#include <fmt/format.h>

namespace flotilla {

namespace {

/// Walks through each line once; keeps what `choose_turns` has decided so far.
class Chooser {
public:
    Chooser(const NextLine& next_line, Room room, std::size_t most, TimePoint now,
            std::chrono::seconds longest_pass)
        : next_line_(next_line),
          room_(std::move(room)),
          most_(most),
          now_(now),
          longest_pass_(longest_pass) {}

    Turns choose() {
        for (auto line = first_line(); line; line = first_line()) {
            lines_.push_back({*std::move(line)});
            give_turn(lines_.size() - 1);
        }
        bool somebody_had_a_turn = true;
        while (somebody_had_a_turn && !is_done()) {
            somebody_had_a_turn = false;
            for (std::size_t owner = 0; owner < lines_.size() && !is_done(); ++owner) {
                somebody_had_a_turn |= give_turn(owner);
            }
        }
        return std::move(turns_);
    }

private:
    [[nodiscard]] bool is_done() const {
        return turns_.taken.size() >= most_ || room_.is_full() || took_doubtful_size_;
    }

    /// That of an owner who had no turn yet.
    std::optional<OwnerLine> first_line() { return is_done() ? std::nullopt : next_line_(); }

    /// Takes the first run of the owner's line that fits.
    bool give_turn(std::size_t owner) {
        auto& [line, next] = lines_[owner];
        while (next < line.size() && !is_done()) {
            const WaitingRun& run = line[next++];
            if (tried_revisions_.contains(run.revision)) {
                continue;
            }
            if (room_.fits(run.needs)) {
                take(owner, run);
                return true;
            }
            if (room_.could_ever_fit(run.needs)) {
                if (run.passed_since && now_ - *run.passed_since >= longest_pass_) {
                    room_.keep_for(run.needs);
                } else {
                    blocked_.push_back(&run);
                }
            }
        }
        return false;
    }

    void take(std::size_t owner, const WaitingRun& run) {
        took_doubtful_size_ = room_.is_doubtful(run.needs);
        if (room_.doubtful_revisions.contains(run.revision)) {
            tried_revisions_.insert(run.revision);
        }
        room_.occupy(run.needs);
        turns_.taken.push_back({owner, run.id});
        for (const WaitingRun* passed : blocked_) {
            if (!passed->passed_since) {
                turns_.newly_passed.push_back(passed->id);
            }
        }
        blocked_.clear();
    }

    struct Line {
        OwnerLine runs;
        std::size_t next = 0;  ///< the first that was not looked at
    };

    const NextLine& next_line_;
    std::deque<Line> lines_;  ///< `blocked_` points into them
    Room room_;
    std::size_t most_;
    TimePoint now_;
    std::chrono::seconds longest_pass_;
    std::vector<const WaitingRun*> blocked_;
    // What becomes of the one that is taken says whether others follow.
    bool took_doubtful_size_ = false;
    std::set<Revision> tried_revisions_;
    Turns turns_;
};

}  // namespace

Room::Room(const Cluster& of, const HeldRuns& held)
    : cluster(of),
      memory(of.memory),
      cpu(of.cpu),
      gpu(of.gpu),
      runs(of.max_running),
      oversizes(held.sizes),
      doubtful_sizes(held.doubtful_sizes),
      doubtful_revisions(held.doubtful_revisions) {}

const Oversize* Room::oversize(const Needs& run) const {
    const auto found = std::find_if(oversizes.begin(), oversizes.end(),
                                    [&](const Oversize& size) { return size.covers(run); });
    return found == oversizes.end() ? nullptr : &*found;
}

bool Room::is_doubtful(const Needs& run) const {
    return std::any_of(doubtful_sizes.begin(), doubtful_sizes.end(),
                       [&](const Oversize& size) { return size.covers(run); });
}

std::int64_t Room::most_memory() const {
    std::int64_t most = memory;
    for (const Oversize& size : oversizes) {
        if (size.lacking == std::set{Scarce::memory}) {
            most = std::min(most, size.needs.memory - 1);
        }
    }
    return most;
}

Room::Lack Room::lack(const Needs& run) const {
    if (cluster.memory <= 0) {
        return Lack::hosts;
    }
    if (run.memory > memory) {
        return Lack::memory;
    }
    if (cpu && run.cpu.value_or(0) > *cpu) {
        return Lack::cpu;
    }
    if (run.gpu.value_or(0) > gpu) {
        return Lack::gpu;
    }
    if (runs && *runs <= 0) {
        return Lack::places;
    }
    return taken_port(run) ? Lack::ports : Lack::nothing;
}

std::optional<int> Room::taken_port(const Needs& run) const {
    const auto taken = std::find_if(run.ports.begin(), run.ports.end(),
                                    [&](int port) { return cluster.shares_ports && ports.contains(port); });
    return taken == run.ports.end() ? std::nullopt : std::optional(*taken);
}

bool Room::could_ever_fit(const Needs& run) const {
    return run.memory <= cluster.memory && (!cluster.cpu || run.cpu.value_or(0) <= *cluster.cpu) &&
           run.gpu.value_or(0) <= cluster.gpu;
}

void Room::occupy(const Needs& run) {
    memory -= run.memory;
    if (cpu) {
        *cpu -= run.cpu.value_or(0);
    }
    gpu -= run.gpu.value_or(0);
    if (runs) {
        --*runs;
    }
    ports.insert(run.ports.begin(), run.ports.end());
}

void Room::keep_for(const Needs& run) {
    const Oversize* const size = oversize(run);
    if (size == nullptr) {
        occupy(run);
    } else if (size->lacking.contains(Scarce::gpu)) {
        gpu = 0;  // runs without GPUs go beside it: there may be none that it could have
    } else if (size->lacking.contains(Scarce::memory)) {
        memory = 0;
    } else if (size->lacking.contains(Scarce::cpu)) {
        cpu = 0;
    }
}

std::string obstacle(const Room& room, const Needs& run) {
    const Cluster& cluster = room.cluster;
    switch (room.lack(run)) {
        case Room::Lack::nothing:
            return {};
        case Room::Lack::hosts:
            return fmt::format("cluster {} to have hosts", cluster.name);
        case Room::Lack::memory:
            return fmt::format("memory: it needs {} MiB, {} of {} MiB are free on cluster {}", run.memory,
                               std::max<std::int64_t>(room.memory, 0), cluster.memory, cluster.name);
        case Room::Lack::cpu:
            return fmt::format("cpu: it needs {}/1000 of a core, {} of {} are free on cluster {}",
                               run.cpu.value_or(0), std::max<std::int64_t>(*room.cpu, 0), *cluster.cpu,
                               cluster.name);
        case Room::Lack::gpu:
            return fmt::format("gpu: it needs {}, {} of {} are free on cluster {}", run.gpu.value_or(0),
                               std::max<std::int64_t>(room.gpu, 0), cluster.gpu, cluster.name);
        case Room::Lack::places:
            return *cluster.max_running == 1
                       ? fmt::format("the one place of cluster {}, which is taken", cluster.name)
                       : fmt::format("one of the {} places of cluster {}, which are all taken",
                                     *cluster.max_running, cluster.name);
        case Room::Lack::ports:
            return fmt::format("port {}, which another run on cluster {} has", *room.taken_port(run),
                               cluster.name);
    }
    return {};
}

Turns choose_turns(const NextLine& next_line, Room room, std::size_t most, TimePoint now,
                   std::chrono::seconds longest_pass) {
    return Chooser(next_line, std::move(room), most, now, longest_pass).choose();
}

}  // namespace flotilla

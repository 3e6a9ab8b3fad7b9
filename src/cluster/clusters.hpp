#pragma once

#include <list>
#include <optional>
#include <string>
#include <vector>

#include "base/guarded.hpp"
#include "base/wake.hpp"
#include "cluster/engine_holds.hpp"
#include "cluster/engine_pause.hpp"
#include "core/cluster.hpp"
#include "engine/engine.hpp"
#include "engine/preparation.hpp"
#include "engine/secrets.hpp"
#include "image/image_check.hpp"
#include "logs/log_reader.hpp"

namespace flotilla {

/// A cluster with what serves it. The parts outlive this object; `app` owns them.
struct ServedCluster {
    Cluster cluster;
    Engine& engine;
    ImageCheck& images;
    SecretCheck& secrets;
    LogReader& logs;
    Wake& submit_wake;                   ///< runs may be waiting, or room was made
    Wake& stop_wake;                     ///< a container may have to go
    EnginePause& pause;                  ///< of what is handed to it
    EnginePause& stop_pause;             ///< of containers that it is asked to end
    EngineHolds& holds;                  ///< what it could not start while it starts others
    Preparation* preparation = nullptr;  ///< of an engine that wants to know of definitions and runs before
};

/// All clusters, in the order in which they came: those of the configuration first. One that came stays; runs
/// may be sent to it as long as it is configured, or its account has it, and what it still has is seen to its
/// end. Safe to call from any thread.
class Clusters {
public:
    /// Runs may be sent to all of these. `search_wake` is woken where one that is not known is named: whoever
    /// finds new ones looks; null: nobody does.
    explicit Clusters(const std::vector<ServedCluster>& clusters, Wake* search_wake = nullptr);

    void add(const ServedCluster& cluster, bool is_configured);
    /// Whether runs may be sent there, from here on.
    void configure(const std::string& name, bool is_configured);

    /// nullptr if there is no cluster of that name.
    [[nodiscard]] const ServedCluster* find(const std::string& name) const;
    [[nodiscard]] std::vector<const ServedCluster*> all() const;
    /// As `find`, but only if runs may be sent there.
    [[nodiscard]] const ServedCluster* find_configured(const std::string& name) const;
    /// Those that runs may be sent to.
    [[nodiscard]] std::vector<const ServedCluster*> configured() const;
    /// Their names.
    [[nodiscard]] std::vector<std::string> names() const;

    /// Why there may be more than are known here, in one line; nothing if these are all.
    [[nodiscard]] std::optional<std::string> gap() const { return *gap_.lock(); }
    void set_gap(std::optional<std::string> gap) { *gap_.lock() = std::move(gap); }
    /// Has new ones looked for.
    void search() const {
        if (search_wake_ != nullptr) {
            search_wake_->notify();
        }
    }

private:
    struct Entry {
        ServedCluster served;
        bool is_configured;
    };

    mutable Guarded<std::list<Entry>> entries_;
    mutable Guarded<std::optional<std::string>> gap_;
    Wake* search_wake_;
};

}  // namespace flotilla

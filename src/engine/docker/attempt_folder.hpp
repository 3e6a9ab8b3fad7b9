#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.hpp"
#include "engine/submitted_task.hpp"

namespace flotilla {

/// `<data_dir>/docker/<cluster>/<run_id>.<attempt>`: what this engine has to know of an attempt besides its
/// container, until it is forgotten. In it are
/// - `task.json`: what was submitted, written first;
/// - `created`: its container was made; if there is none any more, it is not made again;
/// - `starting`: the daemon was asked to start it;
/// - `stopped`: it was sent SIGTERM, or is about to be;
/// - `end.json`: why it ended without a start.
/// Functions throw std::system_error when the disk fails.
class AttemptFolder {
public:
    AttemptFolder(const std::filesystem::path& cluster_folder, const AttemptName& name)
        : path_(cluster_folder / name.text()) {}

    void create(const SubmittedTask& submitted) const;
    /// Nothing if it was not created in full.
    [[nodiscard]] std::optional<SubmittedTask> task() const;

    void mark_created() const;
    [[nodiscard]] bool is_created() const;
    void mark_starting() const;
    [[nodiscard]] bool is_starting() const;
    void mark_stopped() const;
    void unmark_stopped() const;
    [[nodiscard]] bool is_stopped() const;
    void write_end(const Ended& end) const;
    [[nodiscard]] std::optional<Ended> end() const;

    void remove() const;

private:
    /// A further name of task.json: no file of its own, as new ones cost more than all the rest on some disks
    /// (docs/adr/0007).
    void mark(const char* name) const;

    std::filesystem::path path_;
};

/// Where the attempts of a cluster are.
[[nodiscard]] inline std::filesystem::path attempts_folder(const std::filesystem::path& data_dir,
                                                           const std::string& cluster) {
    return data_dir / "docker" / cluster;
}

/// The attempts that have a folder below `cluster_folder`; whatever was not created in full is removed.
[[nodiscard]] std::vector<SubmittedTask> take_stock(const std::filesystem::path& cluster_folder);

}  // namespace flotilla

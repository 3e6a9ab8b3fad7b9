#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.hpp"
#include "engine/engine.hpp"
#include "engine/local/launcher/records.hpp"
#include "engine/submitted_task.hpp"

namespace flotilla {

/// `<data_dir>/runs/<run_id>.<attempt>`: everything of an attempt but its log, and the truth about it while
/// the engine has it. In it are
/// - `task.json`: what was submitted, written first;
/// - `lock`: an open file description that init inherits holds a flock(2) on it while anything is alive;
/// - `layers`: what it uses of its image, see `ImageStore::claim`;
/// - `upper`, `work`, `root`: of the overlay, which is mounted in the container's own mount namespace only;
/// - `started`, `exit`: see launcher/records.hpp; an `exit` without code may also be written by the engine;
/// - `killed`: its grace period was over;
/// - `over_disk`: it wrote more than it may, and a sentence says so.
/// Functions throw std::system_error when the disk fails.
class RunFolder {
public:
    RunFolder(const std::filesystem::path& data_dir, const AttemptName& name);

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    void create(const SubmittedTask& submitted) const;
    [[nodiscard]] std::optional<SubmittedTask> task() const;

    /// Takes the run's lock; empty if somebody holds it.
    [[nodiscard]] UniqueFd try_lock() const;
    /// Removes what an earlier launch left that never started a job.
    void clear() const;

    [[nodiscard]] std::optional<launcher::StartedRecord> started() const;
    [[nodiscard]] std::optional<launcher::ExitRecord> exit() const;
    void write_exit(const launcher::ExitRecord& record) const;
    void mark_killed() const;
    [[nodiscard]] bool is_killed() const;
    void mark_over_disk(const std::string& sentence) const;
    /// The sentence; empty if it did not.
    [[nodiscard]] std::string over_disk() const;

private:
    std::string name_;
    std::filesystem::path path_;
};

/// The attempts that have a folder.
[[nodiscard]] std::vector<AttemptName> list_run_folders(const std::filesystem::path& data_dir);

/// Removes the folder of an attempt's upper layer, unless the next one cannot tell it from a new one: with
/// nothing in it, and nothing on it but an owner, a mode and times, which each launch sets. False if some of
/// it is left.
bool remove_upper(const std::filesystem::path& run_folder, const std::stop_token& stop);

/// As std::filesystem::remove_all, but can be interrupted; what it cannot remove is left for the next time.
void remove_tree(const std::filesystem::path& path, const std::stop_token& stop);
/// The same with all that is in a folder.
void remove_content(const std::filesystem::path& folder, const std::stop_token& stop);

}  // namespace flotilla

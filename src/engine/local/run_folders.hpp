#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <stop_token>
#include <thread>

#include "base/guarded.hpp"
#include "base/wake.hpp"
#include "engine/local/run_folder.hpp"

namespace flotilla {

/// The folders of a data folder's attempts, `<data_dir>/runs`, from their making to their end. Those of
/// attempts that have ended are used again, with the files that the engine and init write in them: making and
/// removing a dozen files a run costs more than all the rest of a short one where the file system has no
/// journal (ext4 then passes over what was removed in the last minutes, file by file). What a job wrote is
/// removed always, the folder of its upper layer too if anything tells that it was written to. Safe to call
/// from any thread.
class RunFolders {
public:
    /// Throws std::system_error if there can be no such folder.
    explicit RunFolders(std::filesystem::path data_dir);
    RunFolders(const RunFolders&) = delete;
    RunFolders& operator=(const RunFolders&) = delete;
    ~RunFolders();

    /// A layer to lie below those of every image: what is mounted over in a container, for images that lack
    /// it.
    [[nodiscard]] const std::filesystem::path& lowest_layer() const { return lowest_layer_; }

    /// Makes the folder of an attempt, with what was submitted. Throws std::system_error when the disk fails.
    void create(const SubmittedTask& submitted);

    /// Moves it out of the way at once, into `<data_dir>/runs/.removed`, where its content is removed in
    /// time. What lies there when a server starts is rubbish.
    void retire(const AttemptName& name);

private:
    void make_lowest_layer() const;
    [[nodiscard]] bool use_again(const SubmittedTask& submitted);
    void clean(const std::stop_token& stop);
    void clean(const std::filesystem::path& folder, const std::stop_token& stop);

    std::filesystem::path data_dir_;
    std::filesystem::path retired_folder_;
    std::filesystem::path lowest_layer_;
    Guarded<std::deque<std::filesystem::path>> spare_;  ///< the one that has been there for longest first
    Guarded<std::deque<std::filesystem::path>> retired_;
    Wake retired_came_;
    std::jthread cleaner_;  ///< last: it uses all of the above
};

/// Makes the folder of an attempt that has ended ready for another: all that tells of it is gone. False if
/// something in it is still in use.
[[nodiscard]] bool make_spare(const std::filesystem::path& folder, const std::stop_token& stop);

}  // namespace flotilla

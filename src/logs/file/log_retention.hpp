#pragma once

#include <filesystem>
#include <functional>
#include <set>
#include <stop_token>
#include <string>

#include "base/clock.hpp"
#include "core/id.hpp"

namespace flotilla {

/// Removes the logs of `data_dir` that were last written to before `before`, a time of this host's clock, but
/// those in `kept` (`<run_id>.<attempt>`) and those of runs that `may_go` is false for. Returns how many.
/// What cannot be removed stays for the next time.
int remove_logs_before(const std::filesystem::path& data_dir, TimePoint before,
                       const std::set<std::string>& kept, const std::function<bool(const RunId&)>& may_go,
                       const std::stop_token& stop);

/// Removes the logs of all attempts of a run that has ended. What cannot be removed stays.
void remove_logs_of(const std::filesystem::path& data_dir, const RunId& run);

/// The attempts that have not let go of their logs: those of which an engine keeps a folder.
[[nodiscard]] std::set<std::string> attempts_with_folders(const std::filesystem::path& data_dir);

}  // namespace flotilla

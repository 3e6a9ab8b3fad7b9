#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/definition.hpp"
#include "core/known_image.hpp"
#include "core/list_query.hpp"
#include "core/run.hpp"
#include "core/run_history.hpp"
#include "core/run_summary.hpp"

namespace flotilla {

/// Bodies of answers: JSON that ends with a newline.

[[nodiscard]] std::string definition_json(const Definition& definition);
/// `waiting_for` is one sentence, left out when it is empty.
[[nodiscard]] std::string run_json(const Run& run, std::string_view waiting_for = {});
[[nodiscard]] std::string run_events_json(const std::vector<RunEvent>& events);

/// Lists echo the query: `parameters` as they were given, `query` as they were understood.
[[nodiscard]] std::string definition_list_json(const Page<Definition>& page,
                                               const QueryParameters& parameters, const ListQuery& query);
[[nodiscard]] std::string run_list_json(const Page<Run>& page, const QueryParameters& parameters,
                                        const ListQuery& query);
[[nodiscard]] std::string group_list_json(const Page<std::string>& page, const NameQuery& query);
[[nodiscard]] std::string tag_list_json(const Page<std::string>& page, const NameQuery& query);
/// The runs of each definition, by its id, in the order given.
[[nodiscard]] std::string recent_runs_json(const std::vector<RunSummary>& runs);
[[nodiscard]] std::string image_list_json(const std::vector<KnownImage>& images);
[[nodiscard]] std::string cluster_list_json(const std::vector<std::string>& names);

/// `last_seen` is left out when it is empty, `may_grow` unless it is so.
[[nodiscard]] std::string log_json(std::string_view text, std::string_view last_seen, bool may_grow);

/// Lines of the log of one attempt, from line `first` on, of `total`; `last_seen` as in `log_json`.
/// `unfinished`: the line that is being written; left out when it is empty.
[[nodiscard]] std::string log_lines_json(int attempt, std::int64_t first, std::int64_t total,
                                         const std::vector<std::string>& lines, std::string_view unfinished,
                                         std::string_view last_seen);
/// The numbers of lines that have a text, perhaps not all of the `total`.
[[nodiscard]] std::string log_matches_json(const std::vector<std::int64_t>& lines, std::int64_t total);

/// Lines joined by newlines, as a list of texts.
[[nodiscard]] std::string joined_lines_json(std::string_view lines);
[[nodiscard]] std::string text_json(std::string_view text);
/// That the log of the next attempt begins.
[[nodiscard]] std::string attempt_began_json(int number);
/// That a log has ended with its run; `exit_code` is left out if nobody knows it.
[[nodiscard]] std::string log_ended_json(RunStatus status, std::optional<int> exit_code);

/// `{"<name>": true}`: that it was done.
[[nodiscard]] std::string done_json(std::string_view name);
/// That a run is stopped or will be; `waiting_for` is left out if nothing is in the way.
[[nodiscard]] std::string stopping_json(std::string_view waiting_for);
/// Who asks; `name` is empty if nobody is known.
[[nodiscard]] std::string whoami_json(std::string_view name, std::string_view auth_mode);
[[nodiscard]] std::string error_json(std::string_view message);

}  // namespace flotilla

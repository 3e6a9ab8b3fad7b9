#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include <boost/circular_buffer.hpp>

#include "base/file.hpp"
#include "engine/bounded_log.hpp"
#include "engine/docker/log_frames.hpp"
#include "engine/log_rules.hpp"
#include "engine/mask.hpp"

namespace flotilla {

/// Writes a container's log to a file, exactly once: it is given the log from its first byte on, and leaves
/// out as much as the file has already. Throws std::system_error when the disk fails; the next copy then goes
/// on where the file ends.
class LogCopy {
public:
    /// `is_timed`: each piece of the stream begins with its time and a space.
    LogCopy(const std::filesystem::path& file, LogRules rules, bool is_timed);

    /// The next bytes of the daemon's stream. Throws std::runtime_error if a piece lacks its time.
    void take(std::string_view stream);
    /// Of the last pieces of the log, of which `most_of_the_end` were asked for, takes those that have not
    /// come yet. False, and nothing is taken, where it cannot be told which those are: pieces are known by
    /// their times.
    [[nodiscard]] bool take_end(std::string_view stream);
    /// Nothing comes any more.
    void finish();

    static constexpr std::size_t most_of_the_end = 1000;

private:
    [[nodiscard]] std::string_view output_in(std::string_view piece) const;
    /// How many of the pieces at the end of the log have come, by their hashes.
    [[nodiscard]] std::optional<std::size_t> known_in(const std::vector<std::size_t>& end) const;
    void write(std::string_view shown);

    UniqueFd file_;
    bool is_timed_;
    LogFrames frames_;
    std::size_t count_ = 0;                            ///< of pieces that have come
    boost::circular_buffer<std::size_t> last_pieces_;  ///< their hashes
    Mask mask_;
    BoundedLog log_;
};

}  // namespace flotilla

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace flotilla {

/// Escape sequences of terminals are at most so many bytes long; what goes on for longer is none.
constexpr std::size_t most_of_an_escape_sequence = 4096;

/// How many bytes of a line are overwritten by those after them: all before the last carriage return that
/// something follows, as progress bars have them.
[[nodiscard]] std::size_t overwritten_length(std::string_view line);

/// What a terminal shows of a text: of each line what is not overwritten, without escape sequences
/// (ECMA-48, 5.3 to 5.6: colours, moves of the cursor, titles). One that does not end in its line is left as
/// it is.
[[nodiscard]] std::string shown_text(std::string_view text);

/// How many bytes at the end of a part of a line mean what comes after them decides: a carriage return, or an
/// escape sequence that has no end yet.
[[nodiscard]] std::size_t undecided_length(std::string_view part);

}  // namespace flotilla

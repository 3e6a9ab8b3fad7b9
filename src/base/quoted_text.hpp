#pragma once

#include <string>
#include <string_view>

namespace flotilla {

/// Appends the text as a JSON string (RFC 8259, section 7), quotes included, that is one line to every
/// reader: besides what JSON asks for, DEL, the C1 controls, the line separators of Unicode and the
/// characters that turn the direction of text are escaped. Bytes that are not UTF-8 come as U+FFFD.
void append_quoted(std::string_view text, std::string& out);

/// As `append_quoted` without the quotes; the quote and the backslash within are escaped all the same.
void append_escaped(std::string_view text, std::string& out);

/// Whether `append_escaped` leaves this byte of ASCII as it is.
[[nodiscard]] bool stands_for_itself(char byte);

}  // namespace flotilla

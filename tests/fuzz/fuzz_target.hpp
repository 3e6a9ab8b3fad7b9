#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace flotilla::fuzz {

/// Reads `input` as the outside world would hand it in. Whatever it is, only an `Error` that blames the
/// sender may come out of what is tested; a target aborts by `require` when a property does not hold.
using Target = void (*)(std::string_view input);

/// One target per file of this folder; the names are those of the folders below corpus/.
void authority(std::string_view input);
void body(std::string_view input);
void config(std::string_view input);
void cursor(std::string_view input);
void filters(std::string_view input);
void log_token(std::string_view input);
void manifest(std::string_view input);
void range(std::string_view input);
void reference(std::string_view input);
void request(std::string_view input);
void target(std::string_view input);
void token(std::string_view input);

/// Ends the program, as a finding, unless `holds`.
void require(bool holds, std::string_view property);

/// Does `work`; false if it refused the input as one that its sender can mend. Any other exception is a
/// finding.
bool is_taken(const std::function<void()>& work);

/// Takes the first byte off the input, 0 if there is none: what decides between ways to use the rest.
unsigned char take_byte(std::string_view& input);

}  // namespace flotilla::fuzz

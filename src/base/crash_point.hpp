#pragma once

#include <string_view>

namespace flotilla {

#ifdef FLOTILLA_CRASH_POINTS
/// Ends the process as SIGKILL does, if FLOTILLA_CRASH_AT names this point: `LABEL`, or `LABEL:N` for the Nth
/// time that it is reached. For tests: a build without crash points has nothing here.
void crash_point(std::string_view label);
#else
inline void crash_point(std::string_view /*label*/) {}
#endif

}  // namespace flotilla

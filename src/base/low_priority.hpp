#pragma once

namespace flotilla {

/// From now on this thread gets what processor time and disk the others leave.
void lower_priority_of_this_thread();

}  // namespace flotilla

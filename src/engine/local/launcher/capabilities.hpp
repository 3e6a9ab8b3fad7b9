#pragma once

#include <cstdint>

namespace flotilla::launcher {

/// Leaves this process the capabilities of which `mask` has the bits, and no other. False, with errno, if it
/// may not have one of them.
bool keep_capabilities(std::uint64_t mask);

}  // namespace flotilla::launcher

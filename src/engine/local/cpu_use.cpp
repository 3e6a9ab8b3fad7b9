#include "engine/local/cpu_use.hpp"

#include <algorithm>

namespace flotilla {

CpuUse after_look(const CpuUse& last, std::int64_t ticks, std::int64_t ticks_per_second,
                  std::chrono::steady_clock::time_point now) {
    CpuUse next{ticks, now, last.most};
    const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(now - last.at).count();
    if (last.at != std::chrono::steady_clock::time_point{} && passed > 0) {
        constexpr std::int64_t per_core = 1000;
        const auto used = std::max<std::int64_t>(ticks - last.ticks, 0) * per_core * 1000 / ticks_per_second;
        next.most = std::max(last.most.value_or(0), used / passed);
    }
    return next;
}

}  // namespace flotilla

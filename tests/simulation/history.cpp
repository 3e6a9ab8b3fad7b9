#include "simulation/history.hpp"

namespace flotilla::simulation {

void Story::add(const std::string& line) {
    const auto since = timeline_.now() - beginning;
    text_ += fmt::format("{:>13.6f} s  {}\n", std::chrono::duration<double>(since).count(), line);
}

}  // namespace flotilla::simulation

#include "base/crash_point.hpp"

#ifdef FLOTILLA_CRASH_POINTS

#include <atomic>
#include <cstdlib>
#include <string>

#include <signal.h>

namespace flotilla {

namespace {

struct WantedCrash {
    std::string label;
    int left = 1;  ///< how often the point has to be reached still
};

WantedCrash wanted_crash() {
    const char* const given = std::getenv("FLOTILLA_CRASH_AT");
    const std::string text = given != nullptr ? given : "";
    const auto colon = text.find(':');
    return colon == std::string::npos ? WantedCrash{text}
                                      : WantedCrash{text.substr(0, colon), std::stoi(text.substr(colon + 1))};
}

}  // namespace

void crash_point(std::string_view label) {
    static const WantedCrash wanted = wanted_crash();
    static std::atomic<int> left = wanted.left;
    if (label == wanted.label && --left == 0) {
        ::raise(SIGKILL);
    }
}

}  // namespace flotilla

#endif

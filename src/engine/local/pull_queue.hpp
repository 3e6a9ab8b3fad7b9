#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/engine.hpp"

namespace flotilla {

/// An image that attempts wait for.
struct WantedImage {
    std::string name;
    std::string digest;  ///< empty: whatever the name stands for
    auto operator<=>(const WantedImage&) const = default;
};

/// Attempts that wait for images: each image is pulled once, however many wait for it. Safe to call from any
/// thread.
class PullQueue {
public:
    void add(const WantedImage& image, const AttemptName& name);
    /// The next image to be pulled; waits for one. Nothing once `stop` is requested.
    [[nodiscard]] std::optional<WantedImage> take(std::stop_token stop);
    /// Those who waited for the image, the first first. An attempt that comes later has it pulled anew.
    [[nodiscard]] std::vector<AttemptName> finish(const WantedImage& image);
    /// False if `stop` was requested before `duration` was over.
    bool pause(const std::stop_token& stop, std::chrono::milliseconds duration);

private:
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<WantedImage> images_;
    std::map<WantedImage, std::vector<AttemptName>> waiting_;
};

}  // namespace flotilla

#pragma once

#include <algorithm>
#include <chrono>

namespace flotilla {

/// How often something may be asked: `burst` times at once, and `rate` times a second on average.
class TokenBucket {
public:
    TokenBucket(double burst, double rate) : burst_(burst), rate_(rate), tokens_(burst) {}

    /// Takes the next place. How long to wait for it from `now` on, the time since any fixed moment.
    std::chrono::microseconds take(std::chrono::microseconds now) {
        using Seconds = std::chrono::duration<double>;
        const double passed = Seconds(std::max(now - last_, std::chrono::microseconds{0})).count();
        tokens_ = std::min(burst_, tokens_ + passed * rate_);
        last_ = std::max(last_, now);
        tokens_ -= 1;
        const Seconds wait{tokens_ >= 0 ? 0 : -tokens_ / rate_};
        return std::chrono::ceil<std::chrono::microseconds>(wait);
    }
    /// A place that was taken was not used.
    void give_back() { tokens_ = std::min(burst_, tokens_ + 1); }

private:
    double burst_;
    double rate_;
    double tokens_;
    std::chrono::microseconds last_{0};
};

}  // namespace flotilla

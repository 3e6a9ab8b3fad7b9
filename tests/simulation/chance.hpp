#pragma once

#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "base/random.hpp"

namespace flotilla::simulation {

using Duration = std::chrono::microseconds;

/// Numbers that look like chance and are the same for the same seed on every machine: splitmix64, see
/// https://prng.di.unimi.it/splitmix64.c
class Chance {
public:
    explicit Chance(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        std::uint64_t mixed = state_ += 0x9E3779B97F4A7C15U;
        mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
        mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
        return mixed ^ (mixed >> 31U);
    }
    double unit() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }
    /// At least `least`, at most `most`.
    int between(int least, int most) {
        return least + static_cast<int>(next() % static_cast<std::uint64_t>(most - least + 1));
    }
    bool one_in(int times) { return between(1, times) == 1; }
    Duration between(Duration least, Duration most) {
        return least +
               Duration{static_cast<std::int64_t>(unit() * static_cast<double>((most - least).count()))};
    }
    /// Of every magnitude as likely; `least` is above zero.
    Duration of_any_magnitude(Duration least, Duration most) {
        const double ratio = static_cast<double>(most.count()) / static_cast<double>(least.count());
        return Duration{std::llround(static_cast<double>(least.count()) * std::pow(ratio, unit()))};
    }
    template <typename Container>
    const auto& pick(const Container& from) {
        return from[static_cast<std::size_t>(next() % from.size())];
    }

private:
    std::uint64_t state_;
};

/// The chance of the control plane.
class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed) : chance_(seed) {}
    double unit() override { return chance_.unit(); }

private:
    Chance chance_;
};

}  // namespace flotilla::simulation

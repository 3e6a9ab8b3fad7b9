#pragma once

#include <cstddef>
#include <semaphore>

namespace flotilla {

/// How many threads may wait at once for somebody who may not answer, so that others are left to do
/// something else. Safe to use from any thread.
class WaitingPlaces {
public:
    explicit WaitingPlaces(std::ptrdiff_t count) : free_(count) {}

private:
    friend class WaitingPlace;
    std::counting_semaphore<> free_;
};

/// One of them, if one is free; given back at the end.
class WaitingPlace {
public:
    explicit WaitingPlace(WaitingPlaces& places) : places_(places), is_taken_(places.free_.try_acquire()) {}
    WaitingPlace(const WaitingPlace&) = delete;
    WaitingPlace& operator=(const WaitingPlace&) = delete;
    ~WaitingPlace() {
        if (is_taken_) {
            places_.free_.release();
        }
    }
    [[nodiscard]] bool is_taken() const { return is_taken_; }

private:
    WaitingPlaces& places_;
    bool is_taken_;
};

}  // namespace flotilla

#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include <ucontext.h>

namespace flotilla::simulation {

/// A function that can pause in the middle, on a stack of its own: what a thread is in the product. All
/// fibers run on one thread, one at a time.
class Fiber {
public:
    /// `body` throws nothing.
    explicit Fiber(std::function<void()> body);
    Fiber(const Fiber&) = delete;
    Fiber& operator=(const Fiber&) = delete;
    /// It has ended.
    ~Fiber();

    /// Goes on with it; returns when it pauses or ends. To be called from outside of all fibers.
    void resume();
    /// To be called by the fiber itself; returns when it is resumed.
    void pause();
    [[nodiscard]] bool has_ended() const { return has_ended_; }

private:
    class Stack;
    struct Exceptions;

    static void run(unsigned low, unsigned high);
    void enter();
    void leave(bool for_good);

    std::function<void()> body_;
    std::unique_ptr<Stack> stack_;
    std::unique_ptr<Exceptions> exceptions_;
    ucontext_t inside_{};
    ucontext_t outside_{};
    void* fake_stack_inside_ = nullptr;
    void* fake_stack_outside_ = nullptr;
    const void* outer_stack_ = nullptr;
    std::size_t outer_size_ = 0;
    bool has_ended_ = false;
};

}  // namespace flotilla::simulation

#include "simulation/fiber.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include <cxxabi.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

namespace flotilla::simulation {

namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr std::size_t stack_bytes = std::size_t{1} << 20;
void begin_switch(void** kept, const void* bottom, std::size_t size) {
    __sanitizer_start_switch_fiber(kept, bottom, size);
}
void finish_switch(void* kept, const void** bottom, std::size_t* size) {
    __sanitizer_finish_switch_fiber(kept, bottom, size);
}
#else
constexpr std::size_t stack_bytes = std::size_t{256} << 10;
void begin_switch(void**, const void*, std::size_t) {}
void finish_switch(void*, const void**, std::size_t*) {}
#endif

}  // namespace

/// Stacks are used again and again.
class Fiber::Stack {
public:
    Stack() {
        if (idle().empty()) {
            bytes_ = std::make_unique_for_overwrite<char[]>(stack_bytes);
        } else {
            bytes_ = std::move(idle().back());
            idle().pop_back();
        }
    }
    Stack(const Stack&) = delete;
    Stack& operator=(const Stack&) = delete;
    ~Stack() { idle().push_back(std::move(bytes_)); }
    [[nodiscard]] char* bottom() const { return bytes_.get(); }

private:
    static std::vector<std::unique_ptr<char[]>>& idle() {
        static std::vector<std::unique_ptr<char[]>> stacks;
        return stacks;
    }
    std::unique_ptr<char[]> bytes_;
};

/// What the C++ runtime keeps of exceptions for a thread: a list of those caught and a count of those thrown
/// (Itanium C++ ABI, 2.2.2). Each fiber has its own.
struct Fiber::Exceptions {
    std::array<char, sizeof(void*) + sizeof(unsigned)> kept{};

    void swap() {
        std::array<char, sizeof(void*) + sizeof(unsigned)> current{};
        auto* const globals = reinterpret_cast<char*>(abi::__cxa_get_globals());
        std::memcpy(current.data(), globals, current.size());
        std::memcpy(globals, kept.data(), kept.size());
        kept = current;
    }
};

Fiber::Fiber(std::function<void()> body)
    : body_(std::move(body)), stack_(std::make_unique<Stack>()), exceptions_(std::make_unique<Exceptions>()) {
    ::getcontext(&inside_);
    inside_.uc_stack.ss_sp = stack_->bottom();
    inside_.uc_stack.ss_size = stack_bytes;
    inside_.uc_link = nullptr;
    // makecontext passes numbers of type int only.
    const auto self = reinterpret_cast<std::uintptr_t>(this);
    ::makecontext(&inside_, reinterpret_cast<void (*)()>(&Fiber::run), 2, static_cast<unsigned>(self),
                  static_cast<unsigned>(self >> 32U));
}

Fiber::~Fiber() = default;

void Fiber::run(unsigned low, unsigned high) {
    auto* const self = reinterpret_cast<Fiber*>(static_cast<std::uintptr_t>(low) |
                                                (static_cast<std::uintptr_t>(high) << 32U));
    self->enter();
    self->body_();
    self->has_ended_ = true;
    self->leave(true);
}

void Fiber::resume() {
    exceptions_->swap();
    begin_switch(&fake_stack_outside_, stack_->bottom(), stack_bytes);
    ::swapcontext(&outside_, &inside_);
    finish_switch(fake_stack_outside_, nullptr, nullptr);
    exceptions_->swap();
}

void Fiber::pause() {
    leave(false);
    enter();
}

void Fiber::enter() {
    finish_switch(fake_stack_inside_, &outer_stack_, &outer_size_);
}

void Fiber::leave(bool for_good) {
    begin_switch(for_good ? nullptr : &fake_stack_inside_, outer_stack_, outer_size_);
    ::swapcontext(&inside_, &outside_);
}

}  // namespace flotilla::simulation

#include "service/probe.hpp"

#include <exception>

namespace flotilla {

namespace {

std::optional<std::string> answer_of(const Probe::Check& check) {
    try {
        return check();
    } catch (const std::exception& error) {
        return error.what();
    }
}

}  // namespace

void Probe::begin() {
    const auto now = std::chrono::steady_clock::now();
    auto state = state_.lock();
    const bool is_asked = state->answer.valid();
    const bool is_answered =
        is_asked && state->answer.wait_for(std::chrono::seconds{0}) == std::future_status::ready;
    const bool is_fresh = is_answered && now - state->asked_at < limits_.fresh;
    if (!is_asked || (is_answered && !is_fresh)) {
        state->answer = std::async(std::launch::async, [this] { return answer_of(check_); }).share();
        state->asked_at = now;
    }
}

std::optional<std::string> Probe::answer(std::chrono::steady_clock::time_point deadline) {
    const Answer answer = state_.lock()->answer;
    if (!answer.valid() || answer.wait_until(deadline) != std::future_status::ready) {
        return "does not answer";
    }
    return answer.get();
}

}  // namespace flotilla

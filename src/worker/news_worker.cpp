#include "worker/news_worker.hpp"

namespace flotilla {

namespace {
constexpr std::chrono::milliseconds longest_wait{1'000};
}

bool NewsWorker::step(const std::stop_token& stop) {
    if (news_.empty()) {
        news_ = engine_.wait_for_news(stop, longest_wait);
    }
    recorder_.record(news_);
    news_.clear();
    return true;
}

}  // namespace flotilla

#include "cluster/measured_engine.hpp"

#include "base/overloaded.hpp"

namespace flotilla {

namespace {

Counter submissions(MetricRegistry& registry, const std::string& cluster, const std::string& outcome) {
    return registry.counter("flotilla_engine_submissions_total",
                            "Attempts that were offered to an engine, by what it said.",
                            {{"cluster", cluster}, {"outcome", outcome}});
}

}  // namespace

MeasuredEngine::MeasuredEngine(std::unique_ptr<Engine> engine, MetricRegistry& registry,
                               const std::string& cluster)
    : engine_(std::move(engine)),
      accepted_(submissions(registry, cluster, "accepted")),
      deferred_(submissions(registry, cluster, "deferred")),
      refused_(submissions(registry, cluster, "refused")),
      errors_(registry.counter("flotilla_engine_errors_total",
                               "Calls of an engine that failed: it was not reached, or broke.",
                               {{"cluster", cluster}})),
      submit_durations_(registry.histogram(
          "flotilla_engine_submit_duration_seconds", "How long an engine took to take an attempt.",
          {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 20}, {{"cluster", cluster}})) {
}

template <typename Call>
auto MeasuredEngine::counting_errors(Call call) {
    try {
        return call();
    } catch (...) {
        errors_.add();
        throw;
    }
}

SubmitOutcome MeasuredEngine::submit(const Task& task) {
    const auto start = std::chrono::steady_clock::now();
    auto outcome = counting_errors([&] { return engine_->submit(task); });
    submit_durations_.observe(std::chrono::steady_clock::now() - start);
    std::visit(Overloaded{[&](const SubmitAccepted&) { accepted_.add(); },
                          [&](const TryLater&) { deferred_.add(); }, [&](const NoRoom&) { deferred_.add(); },
                          [&](const NotYet&) { deferred_.add(); }, [&](const Refused&) { refused_.add(); }},
               outcome);
    return outcome;
}

void MeasuredEngine::stop(const AttemptName& name, std::chrono::seconds grace) {
    counting_errors([&] { engine_->stop(name, grace); });
}

std::optional<Observation> MeasuredEngine::inspect(const AttemptName& name) {
    return counting_errors([&] { return engine_->inspect(name); });
}

std::vector<EngineNews> MeasuredEngine::wait_for_news(std::stop_token stop,
                                                      std::chrono::milliseconds timeout) {
    return counting_errors([&] { return engine_->wait_for_news(std::move(stop), timeout); });
}

void MeasuredEngine::forget(const AttemptName& name) {
    counting_errors([&] { engine_->forget(name); });
}

std::vector<AttemptName> MeasuredEngine::list() {
    return counting_errors([&] { return engine_->list(); });
}

void MeasuredEngine::remember(const std::vector<TakenAttempt>& attempts) {
    counting_errors([&] { engine_->remember(attempts); });
}

std::optional<std::string> MeasuredEngine::trouble() {
    return counting_errors([&] { return engine_->trouble(); });
}

}  // namespace flotilla

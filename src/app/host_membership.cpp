#include "app/host_membership.hpp"

#include "base/error.hpp"
#include "base/time_text.hpp"
#include "base/uuid.hpp"

namespace flotilla {

HostMembership::HostMembership(const Config& config, const DataFolder& folder, SqlDatabase& database,
                               RunMetrics& metrics, DatabaseClock& clock, Random& random, Fence& fence,
                               const std::optional<RunTokens>& run_tokens)
    : id_(folder.host_id()),
      hosts_(database, &metrics),
      run_tokens_(run_tokens),
      incarnation_(RandomIdMaker().uuid()),
      lost_after_(config.host.lost_after),
      worker_(hosts_, clock, random, fence,
              {.id = id_,
               .incarnation = incarnation_,
               .lost_after = lost_after_,
               .retry = {.max_attempts = static_cast<int>(config.worker.max_attempts)}}) {}

std::optional<Peer> HostMembership::find(const AttemptLog& log) {
    const auto host = hosts_.find(log.host);
    if (!host) {
        return std::nullopt;
    }
    if (host->is_lost) {
        throw unavailable("the log of run {} is on host {}, which was not heard of for {}", log.run.value,
                          host->address, duration_text(std::chrono::floor<std::chrono::seconds>(host->age)));
    }
    return Peer{host->address, run_tokens_ ? run_tokens_->token_of_servers() : ""};
}

void HostMembership::enter(const std::string& address, std::vector<Wake*> on_return) {
    worker_.on_return(std::move(on_return));
    hosts_.enter(id_, address, incarnation_, lost_after_);
    static_cast<void>(worker_.step({}));
    thread_.emplace("host", worker_, wake_);
}

}  // namespace flotilla

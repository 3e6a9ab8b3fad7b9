#include "service/object_renewal.hpp"

#include "base/log.hpp"

namespace flotilla {

bool ObjectRenewal::renew(const RunId& run, const std::string& arn) {
    constexpr std::chrono::minutes between_renewals{10};
    auto renewed_at = renewed_at_.lock();  // who comes meanwhile waits, and finds it renewed
    const auto stored = runs_.find(run);
    if (!stored || stored->definition_arn != arn) {
        return stored.has_value();
    }
    const auto definition = definitions_.find(stored->definition_id);
    if (!definition || definition->arn != arn) {
        return false;
    }
    const auto now = clock_.elapsed();
    std::erase_if(*renewed_at, [&](const auto& known) { return now - known.second >= between_renewals; });
    if (renewed_at->contains(definition->id)) {
        return false;
    }
    const EngineObject object{preparation_.register_definition(*definition),
                              preparation_.digest_of(*definition)};
    definitions_.replace_object(arn, object, preparation_.log_location());
    (*renewed_at)[definition->id] = now;
    log_warning("{} was removed by somebody else: {} is in its place", arn, object.arn);
    return true;
}

}  // namespace flotilla

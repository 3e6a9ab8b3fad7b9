#include "service/object_renewal.hpp"

#include "base/log.hpp"

namespace flotilla {

bool ObjectRenewal::renew(const RunId& run, const std::string& arn) {
    const auto stored = runs_.find(run);
    if (!stored || stored->definition_arn != arn) {
        return stored.has_value();
    }
    const bool is_renewed = renewals_.once(arn, [&] { return renew_definition(stored->definition_id, arn); });
    return is_renewed || names_another(run, arn);  // by a try that ended meanwhile
}

bool ObjectRenewal::names_another(const RunId& run, const std::string& arn) {
    const auto stored = runs_.find(run);
    return stored && stored->definition_arn != arn;
}

bool ObjectRenewal::renew_definition(const DefinitionId& id, const std::string& arn) {
    constexpr std::chrono::minutes between_renewals{10};
    const auto definition = definitions_.find(id);
    if (!definition || definition->arn != arn) {
        return false;
    }
    {
        const auto now = clock_.elapsed();
        auto renewed_at = renewed_at_.lock();
        std::erase_if(*renewed_at, [&](const auto& known) { return now - known.second >= between_renewals; });
        if (renewed_at->contains(id)) {
            return false;
        }
    }
    const EngineObject object{preparation_.register_definition(*definition),
                              preparation_.digest_of(*definition)};
    definitions_.replace_object(arn, object, preparation_.log_location());
    (*renewed_at_.lock())[id] = clock_.elapsed();
    log_warning("{} was removed by somebody else: {} is in its place", arn, object.arn);
    return true;
}

}  // namespace flotilla

#include "engine/ecs/instances.hpp"

#include <boost/json.hpp>

#include "net/aws/json_fields.hpp"
#include "net/aws/xml_text.hpp"

namespace flotilla {

namespace json = boost::json;

Instance Instances::find(const std::string& cluster, const std::string& container_instance) {
    constexpr std::chrono::minutes before_another_try{5};
    constexpr std::size_t most = 10'000;
    if (container_instance.empty()) {
        return {};
    }
    const auto now = clock_.elapsed();
    {
        auto known = known_.lock();
        const auto found = known->find(container_instance);
        if (found != known->end() &&
            (!found->second.instance.id.empty() || now - found->second.asked_at < before_another_try)) {
            return found->second.instance;
        }
    }
    Instance instance = ask(cluster, container_instance);
    auto known = known_.lock();
    if (known->size() >= most) {
        known->clear();
    }
    known->insert_or_assign(container_instance, Known{instance, now});
    return instance;
}

Instance Instances::ask(const std::string& cluster, const std::string& container_instance) {
    Instance instance;
    try {
        json::object input;
        input["cluster"] = cluster;
        input["containerInstances"] = json::array{json::string(container_instance)};
        const auto answer = optional_.attempt("the instances that runs are on", [&] {
            return aws_.call(ecs_service, "DescribeContainerInstances", input);
        });
        if (answer && !aws::list(*answer, "containerInstances").empty()) {
            instance.id =
                aws::text(aws::object(aws::list(*answer, "containerInstances").front()), "ec2InstanceId");
        }
        if (!instance.id.empty()) {
            instance.dns_name = dns_name_of(instance.id);
        }
    } catch (const Error& error) {
        log_debug("the instance {} cannot be found: {}", container_instance, error.what());
    }
    return instance;
}

std::string Instances::dns_name_of(const std::string& ec2_instance) {
    return optional_
        .attempt("the host names of runs",
                 [&] {
                     return xml_text(
                         aws_.query(ec2_service, "DescribeInstances", {{"InstanceId.1", ec2_instance}}),
                         "privateDnsName");
                 })
        .value_or("");
}

}  // namespace flotilla

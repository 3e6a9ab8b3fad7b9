#include "engine/ecs/instances.hpp"

#include <boost/json.hpp>

#include "net/aws/json_fields.hpp"
#include "net/aws/xml_text.hpp"

namespace flotilla {

namespace json = boost::json;

Instances::Instances(AwsClient& aws, Clock& clock, OptionalActions& optional,
                     std::chrono::milliseconds patience)
    : aws_(aws),
      clock_(clock),
      optional_(optional),
      patience_(patience),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

Instance Instances::find(const std::string& cluster, const std::string& container_instance) {
    constexpr std::chrono::minutes before_another_try{1};
    constexpr std::size_t most = 10'000;
    if (container_instance.empty()) {
        return {};
    }
    const auto now = clock_.elapsed();
    auto state = state_.lock();
    if (state->known.size() >= most) {
        std::erase_if(state->known, [](const auto& entry) { return !entry.second.is_asked_for; });
    }
    {
        Known& known = state->known[container_instance];
        const bool is_due = !known.asked_at || now - *known.asked_at >= before_another_try;
        if (known.instance.dns_name.empty() && !known.is_asked_for && is_due) {
            known.is_asked_for = true;
            known.asked_at = now;
            state->questions.push_back({cluster, container_instance});
            has_questions_.notify_one();
        }
    }
    const auto is_answered = [&] { return !state->known[container_instance].is_asked_for; };
    if (!state->trouble && !has_answers_.wait_for(state.lock(), patience_, is_answered)) {
        state->trouble = "AWS does not answer";
    }
    return state->known[container_instance].instance;
}

void Instances::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        std::optional<Question> question;
        {
            auto state = state_.lock();
            if (has_questions_.wait(state.lock(), stop, [&] { return !state->questions.empty(); })) {
                question = std::move(state->questions.front());
                state->questions.pop_front();
            }
        }
        if (question) {
            answer(*question);
        }
    }
}

void Instances::answer(const Question& question) {
    std::optional<std::string> trouble;
    try {
        ask(question);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::invalid) {  // else it is no instance of EC2, and has no name there
            trouble = error.what();
        }
    }
    if (trouble && !aws_.is_cancelled()) {
        log_warning("the instance {} cannot be looked up now: {}", question.container_instance, *trouble);
    }
    auto state = state_.lock();
    state->trouble = std::move(trouble);
    state->known[question.container_instance].is_asked_for = false;
    has_answers_.notify_all();
}

void Instances::ask(const Question& question) {
    Instance instance = state_.lock()->known[question.container_instance].instance;
    if (instance.id.empty()) {
        instance.id = id_of(question);
        state_.lock()->known[question.container_instance].instance.id = instance.id;
    }
    if (!instance.id.empty()) {
        instance.dns_name = dns_name_of(instance.id);
        state_.lock()->known[question.container_instance].instance.dns_name = instance.dns_name;
    }
}

std::string Instances::id_of(const Question& question) {
    json::object input;
    input["cluster"] = question.cluster;
    input["containerInstances"] = json::array{json::string(question.container_instance)};
    const auto answer = optional_.attempt("the instances that runs are on", [&] {
        return aws_.call(ecs_service, "DescribeContainerInstances", input);
    });
    if (!answer || aws::list(*answer, "containerInstances").empty()) {
        return "";
    }
    return aws::text(aws::object(aws::list(*answer, "containerInstances").front()), "ec2InstanceId");
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

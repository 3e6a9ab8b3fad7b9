#include "engine/docker/daemon_answers.hpp"

#include <algorithm>

#include <boost/json.hpp>

#include "base/time_text.hpp"
#include "engine/docker/container_body.hpp"

namespace flotilla {

namespace {

namespace json = boost::json;

std::string text_of(const json::value& value) {
    return json::value_to<std::string>(value);
}

/// Docker's own "never" is the first moment of the year 1.
std::optional<TimePoint> time_of(const json::value& value) {
    const auto time = parse_time(text_of(value));
    return time && time->time_since_epoch().count() > 0 ? time : std::nullopt;
}

/// `created`, `running`, `paused`, `restarting`, `removing`, `exited`, `dead`; Podman has also `configured`,
/// `initialized` and `stopped`.
ContainerState::Phase phase_of(std::string_view status) {
    if (status == "created" || status == "configured" || status == "initialized") {
        return ContainerState::Phase::created;
    }
    const bool is_alive = status == "running" || status == "paused" || status == "restarting";
    return is_alive ? ContainerState::Phase::running : ContainerState::Phase::ended;
}

std::vector<std::string> masked_values(const json::object& config) {
    const json::value* const labels = config.if_contains("Labels");
    const json::value* const names =
        labels != nullptr && labels->is_object() ? labels->get_object().if_contains(masked_label) : nullptr;
    std::vector<std::string> values;
    if (names == nullptr) {
        return values;
    }
    const std::string listed = "," + text_of(*names) + ",";
    for (const json::value& variable : config.at("Env").as_array()) {
        const std::string text = text_of(variable);
        const auto equals = text.find('=');
        if (listed.find("," + text.substr(0, equals) + ",") != std::string::npos &&
            equals + 1 < text.size()) {
            values.push_back(text.substr(equals + 1));
        }
    }
    return values;
}

template <typename Read>
auto read_json(const HttpResponse& response, Read read) {
    if (response.status != 200) {
        throw unexpected_answer(response);
    }
    try {
        return read(json::parse(response.body));
    } catch (const std::exception& error) {
        throw unavailable("the Docker daemon gave an answer that cannot be read: {}", error.what());
    }
}

}  // namespace

std::string message_in(const HttpResponse& response) {
    std::string message = response.body;
    boost::system::error_code error;
    const json::value parsed = json::parse(response.body, error);
    const json::object* const object = error ? nullptr : parsed.if_object();
    const json::value* const told = object != nullptr ? object->if_contains("message") : nullptr;
    if (told != nullptr && told->is_string()) {
        message = text_of(*told);
    }
    message.erase(message.find_last_not_of(" \r\n") + 1);
    std::replace_if(
        message.begin(), message.end(), [](unsigned char letter) { return letter < ' '; }, ' ');
    return message.empty() ? "status " + std::to_string(response.status) : message;
}

Error unexpected_answer(const HttpResponse& response) {
    return unavailable("the Docker daemon answered with status {}: {}", response.status,
                       message_in(response));
}

DaemonImage image_in(const HttpResponse& response) {
    return read_json(response, [](const json::value& answer) {
        const json::object& image = answer.as_object();
        DaemonImage found{.id = text_of(image.at("Id")), .repo_digests = {}};
        const json::value* const digests = image.if_contains("RepoDigests");
        if (digests != nullptr && digests->is_array()) {
            found.repo_digests = json::value_to<std::vector<std::string>>(*digests);
        }
        return found;
    });
}

std::vector<std::string> image_names_in(const HttpResponse& response) {
    return read_json(response, [](const json::value& images) {
        std::vector<std::string> names;
        for (const json::value& image : images.as_array()) {
            const json::value* const tags = image.as_object().if_contains("RepoTags");
            for (const json::value& tag :
                 tags != nullptr && tags->is_array() ? tags->as_array() : json::array{}) {
                if (tag != "<none>:<none>") {
                    names.push_back(text_of(tag));
                }
            }
        }
        return names;
    });
}

std::vector<std::string> network_ids_in(const HttpResponse& response) {
    return read_json(response, [](const json::value& networks) {
        std::vector<std::pair<std::string, std::string>> made;
        for (const json::value& network : networks.as_array()) {
            made.emplace_back(text_of(network.at("Created")), text_of(network.at("Id")));
        }
        std::sort(made.begin(), made.end());
        std::vector<std::string> ids;
        ids.reserve(made.size());
        for (auto& [time, id] : made) {
            ids.push_back(std::move(id));
        }
        return ids;
    });
}

std::set<std::string> names_in(const HttpResponse& response) {
    return read_json(response, [](const json::value& containers) {
        std::set<std::string> names;
        for (const json::value& container : containers.as_array()) {
            for (const json::value& name : container.at("Names").as_array()) {
                names.insert(text_of(name).substr(1));  // after a slash
            }
        }
        return names;
    });
}

ContainerState container_state_in(const HttpResponse& response) {
    return read_json(response, [](const json::value& container) {
        const json::object& state = container.at("State").as_object();
        return ContainerState{.phase = phase_of(state.at("Status").as_string()),
                              .started_at = time_of(state.at("StartedAt")),
                              .finished_at = time_of(state.at("FinishedAt")),
                              .exit_code = state.at("ExitCode").to_number<int>(),
                              .is_out_of_memory = state.at("OOMKilled").as_bool(),
                              .masked = masked_values(container.at("Config").as_object())};
    });
}

}  // namespace flotilla

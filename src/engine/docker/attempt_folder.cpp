#include "engine/docker/attempt_folder.hpp"

#include <chrono>
#include <system_error>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/crash_point.hpp"
#include "base/file.hpp"

namespace flotilla {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

std::optional<SubmittedTask> read_task(const fs::path& folder) {
    const auto text = read_file(folder / "task.json");
    return text ? parse_submitted_task(*text) : std::nullopt;
}

}  // namespace

void AttemptFolder::create(const SubmittedTask& submitted) const {
    fs::create_directories(path_);
    crash_point("docker.folder_made");
    write_file(path_ / "task.json", to_json(submitted));
}

std::optional<SubmittedTask> AttemptFolder::task() const {
    return read_task(path_);
}

void AttemptFolder::mark(const char* name) const {
    std::error_code failure;
    fs::create_hard_link(path_ / "task.json", path_ / name, failure);
    if (failure && failure != std::errc::file_exists) {
        throw std::system_error(failure, fmt::format("cannot write {}", (path_ / name).string()));
    }
}

void AttemptFolder::mark_created() const {
    mark("created");
}

bool AttemptFolder::is_created() const {
    return fs::exists(path_ / "created");
}

void AttemptFolder::mark_starting() const {
    mark("starting");
}

bool AttemptFolder::is_starting() const {
    return fs::exists(path_ / "starting");
}

void AttemptFolder::mark_stopped() const {
    mark("stopped");
}

void AttemptFolder::unmark_stopped() const {
    fs::remove(path_ / "stopped");
}

bool AttemptFolder::is_stopped() const {
    return fs::exists(path_ / "stopped");
}

void AttemptFolder::write_end(const Ended& end) const {
    json::object object;
    object["at"] = end.at.time_since_epoch().count();
    object["exit_class"] = to_string(end.exit_class);
    object["reason"] = end.reason;
    write_file(path_ / "end.json", json::serialize(object));
    crash_point("docker.end_written");
}

std::optional<Ended> AttemptFolder::end() const {
    const auto text = read_file(path_ / "end.json");
    if (!text) {
        return std::nullopt;
    }
    const json::object object = json::parse(*text).as_object();
    Ended end;
    end.at = TimePoint(std::chrono::microseconds(object.at("at").to_number<std::int64_t>()));
    end.exit_class = parse_exit_class(std::string_view(object.at("exit_class").as_string()))
                         .value_or(ExitClass::engine_error);
    end.reason = json::value_to<std::string>(object.at("reason"));
    return end;
}

void AttemptFolder::remove() const {
    fs::remove(path_ / "task.json");  // first: what has none is never taken up again
    crash_point("docker.task_removed");
    fs::remove_all(path_);
}

std::vector<SubmittedTask> take_stock(const fs::path& cluster_folder) {
    std::vector<SubmittedTask> found;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(cluster_folder, none)) {
        if (auto task = read_task(entry.path())) {
            found.push_back(std::move(*task));
        } else {
            fs::remove_all(entry.path());
        }
    }
    return found;
}

}  // namespace flotilla

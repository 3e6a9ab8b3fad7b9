#include "engine/docker/pull_progress.hpp"

#include <algorithm>
#include <array>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace flotilla {

namespace json = boost::json;

void PullProgress::take(std::string_view bytes) {
    unfinished_ += bytes;
    for (auto end = unfinished_.find('\n'); end != std::string::npos; end = unfinished_.find('\n')) {
        take_line(std::string_view(unfinished_).substr(0, end));
        unfinished_.erase(0, end + 1);
    }
}

void PullProgress::take_line(std::string_view line) {
    boost::system::error_code failed;
    const json::value parsed = json::parse({line.data(), line.size()}, failed);
    const json::object* const told = failed ? nullptr : parsed.if_object();
    if (told == nullptr) {
        return;
    }
    if (const auto* const error = told->if_contains("error"); error != nullptr && error->is_string()) {
        error_ = json::value_to<std::string>(*error);
    }
    const auto* const id = told->if_contains("id");
    const auto* const detail = told->if_contains("progressDetail");
    const auto* const status = told->if_contains("status");
    if (id == nullptr || !id->is_string() || detail == nullptr || !detail->is_object() || status == nullptr) {
        return;
    }
    const auto* const total = detail->get_object().if_contains("total");
    const auto* const current = detail->get_object().if_contains("current");
    Layer& layer = layers_[json::value_to<std::string>(*id)];
    if (*status == "Downloading" && total != nullptr && current != nullptr) {
        layer = {.done = current->to_number<std::int64_t>(failed),
                 .size = total->to_number<std::int64_t>(failed)};
    } else if (*status == "Download complete" || *status == "Extracting") {
        layer.done = layer.size;
    }
}

std::string PullProgress::text() const {
    constexpr double megabyte = 1e6;
    std::int64_t done = 0;
    std::int64_t size = 0;
    for (const auto& [id, layer] : layers_) {
        done += layer.done;
        size += layer.size;
    }
    return size == 0 ? ""
                     : fmt::format("{:.0f} of {:.0f} MB", static_cast<double>(done) / megabyte,
                                   static_cast<double>(size) / megabyte);
}

PullFailure explain_pull_error(const std::string& error, const ImageReference& image) {
    constexpr std::array final_words{"manifest unknown",
                                     "not found",
                                     "does not exist",
                                     "unauthorized",
                                     "denied",
                                     "no basic auth credentials",
                                     "authentication required",
                                     "invalid reference",
                                     "no matching manifest"};
    const std::string reason = fmt::format("image {} cannot be pulled: {}", image.familiar(), error);
    const bool is_final = std::ranges::any_of(
        final_words, [&](const char* words) { return error.find(words) != std::string::npos; });
    return is_final ? PullFailure{PullDenied{reason}} : PullFailure{PullFailed{reason}};
}

}  // namespace flotilla

#include "core/labels.hpp"

#include <fmt/format.h>

namespace flotilla {

namespace {

constexpr std::size_t most_labels = 64;
constexpr std::size_t longest_label_name = 128;  // bytes
constexpr std::size_t longest_value = 1024;      // bytes

}  // namespace

std::vector<std::string> label_mistakes(const Labels& labels) {
    std::vector<std::string> mistakes;
    if (labels.size() > most_labels) {
        mistakes.push_back(fmt::format("labels: there must be at most {}", most_labels));
    }
    for (const auto& [name, value] : labels) {
        if (name.empty()) {
            mistakes.emplace_back("labels: a name must not be empty");
        } else if (name.find('|') != std::string::npos) {
            mistakes.push_back(fmt::format("labels: the name [{}] must not contain '|'", name));
        } else if (name.size() > longest_label_name) {
            mistakes.push_back(fmt::format("labels: a name must have at most {} bytes", longest_label_name));
        } else if (value.size() > longest_value) {
            mistakes.push_back(
                fmt::format("labels.{}: a value must have at most {} bytes", name, longest_value));
        }
    }
    return mistakes;
}

}  // namespace flotilla

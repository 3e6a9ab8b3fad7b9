#include "store/page_size.hpp"

#include <initializer_list>
#include <numeric>
#include <string_view>

#include "base/error.hpp"

namespace flotilla {

namespace {

constexpr std::size_t most_mebibytes = 64;
/// Of the numbers and times of every row.
constexpr std::size_t rest_of_a_row = 700;
constexpr std::size_t rest_of_an_attempt = 300;

std::size_t size_of(const std::string& text) {
    return text.size();
}

std::size_t size_of(const EnvVar& variable) {
    return variable.name.size() + variable.value.size();
}

std::size_t size_of(const Labels::value_type& label) {
    return label.first.size() + label.second.size();
}

std::size_t size_of(int /*port*/) {
    return sizeof(int);
}

template <typename List>
std::size_t size_of_all(const List& list) {
    return std::accumulate(list.begin(), list.end(), std::size_t{0},
                           [](std::size_t size, const auto& item) { return size + size_of(item); });
}

std::size_t size_of_texts(std::initializer_list<std::string_view> texts) {
    return std::accumulate(texts.begin(), texts.end(), std::size_t{0},
                           [](std::size_t size, std::string_view text) { return size + text.size(); });
}

}  // namespace

void PageSize::add(const Definition& definition) {
    add(rest_of_a_row + size_of_all(definition.env) + size_of_all(definition.labels) +
        size_of_all(definition.ports) + size_of_all(definition.secrets) +
        size_of_texts({definition.id.value, definition.arn, definition.alias, definition.group_name,
                       definition.image, definition.command, definition.user, definition.description,
                       definition.created_by, definition.updated_by, definition.arn_digest}));
}

void PageSize::add_tag(const std::string& tag) {
    add(tag.size());
}

void PageSize::add(const Run& run) {
    add(rest_of_a_row + size_of_all(run.spec.definition_env) + size_of_all(run.env) +
        size_of_all(run.labels) + size_of_all(run.spec.ports) + size_of_all(run.spec.secrets) +
        size_of_texts({run.id.value, run.definition_id.value, run.alias, run.group_name, run.cluster,
                       run.engine, run.owner, run.executed_by, run.description, run.spec.image,
                       run.spec.command, run.spec.container_user, run.spec.image_digest, run.definition_arn,
                       run.engine_request, run.log_location, run.stopped_by, run.idempotence_key}));
    add(run.attempt);
}

void PageSize::add(const Attempt& attempt) {
    add(rest_of_an_attempt + size_of_texts({attempt.handle, attempt.host, attempt.instance.id,
                                            attempt.instance.dns_name, attempt.exit_reason}));
}

void PageSize::add(std::size_t bytes) {
    bytes_ += bytes;
    if (bytes_ > most_mebibytes << 20) {
        throw invalid("what is asked for is larger than {} MiB: ask for fewer at once by limit",
                      most_mebibytes);
    }
}

}  // namespace flotilla

#include "core/definition.hpp"

#include <algorithm>
#include <limits>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hpp"
#include "base/variable_name.hpp"
#include "core/indexed_text.hpp"

namespace flotilla {

namespace {

using Mistakes = std::vector<std::string>;

bool is_given(const std::optional<std::string>& field) {
    return field && !field->empty();
}

void check_group_name(const std::string& name, Mistakes& mistakes) {
    const auto allowed = [](unsigned char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-';
    };
    if (name.empty() || !std::all_of(name.begin(), name.end(), allowed)) {
        mistakes.emplace_back("Group name can only contain letters, numbers, hyphens, and underscores");
    }
    if (name.size() > 255) {
        mistakes.emplace_back("Group name must be 255 characters or less");
    }
}

void check_ports(const std::vector<int>& ports, Mistakes& mistakes) {
    std::set<int> seen;
    for (const int port : ports) {
        if (port < 1 || port > 65535) {
            mistakes.push_back(fmt::format("port {} must be between 1 and 65535", port));
        } else if (!seen.insert(port).second) {
            mistakes.push_back(fmt::format("port {} is given twice", port));
        }
    }
}

void append(const Mistakes& more, Mistakes& mistakes) {
    mistakes.insert(mistakes.end(), more.begin(), more.end());
}

void check_memory(const std::optional<std::int64_t>& memory, Mistakes& mistakes) {
    constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
    if (memory && (*memory < 1 || *memory > most)) {
        mistakes.push_back(fmt::format("int [memory] must be between 1 and {} (MiB)", most));
    }
}

void check_cpu(const std::optional<std::int64_t>& cpu, Mistakes& mistakes) {
    constexpr std::int64_t least = 10;  // the shortest quota that the kernel grants in its usual period
    constexpr std::int64_t most = 1'000'000;
    if (cpu && *cpu != 0 && (*cpu < least || *cpu > most)) {
        mistakes.push_back(fmt::format(
            "int [cpu] must be between {} and {} (1/1000 of a core), or 0 for no bound", least, most));
    }
}

void check_gpu(const std::optional<std::int64_t>& gpu, Mistakes& mistakes) {
    constexpr std::int64_t most = 1'000;
    if (gpu && (*gpu < 0 || *gpu > most)) {
        mistakes.push_back(fmt::format("int [gpu] must be between 1 and {}, or 0 for none", most));
    }
}

/// A secret becomes the variable of its name.
void check_secrets(const std::optional<std::vector<std::string>>& secrets, Mistakes& mistakes) {
    for (const std::string& name : secrets.value_or(std::vector<std::string>{})) {
        if (!is_variable_name(name)) {
            mistakes.push_back(fmt::format(
                "secrets: [{}] cannot be the name of an environment variable, as each secret becomes one",
                name));
        }
    }
}

void check_seconds(std::string_view name, const std::optional<std::int64_t>& seconds, Mistakes& mistakes) {
    constexpr std::int64_t most = 366LL * 24 * 3600;
    if (seconds && (*seconds < 0 || *seconds > most)) {
        mistakes.push_back(fmt::format("int [{}] must be between 1 and {}, or 0 for no bound", name, most));
    }
}

void check_retry(const RetryPolicy& policy, Mistakes& mistakes) {
    constexpr int most_attempts = 100;
    constexpr std::int64_t longest_backoff = std::int64_t{24} * 3600;
    if (policy.max_attempts < 1 || policy.max_attempts > most_attempts) {
        mistakes.push_back(fmt::format("int [retry.max_attempts] must be between 1 and {}", most_attempts));
    }
    if (policy.backoff_seconds < 0 || policy.backoff_seconds > longest_backoff) {
        mistakes.push_back(
            fmt::format("int [retry.backoff_seconds] must be between 0 and {}", longest_backoff));
    }
    for (const RetryCause& cause : policy.on) {
        const auto* exit_class = std::get_if<ExitClass>(&cause);
        if (exit_class != nullptr && !may_be_retried(*exit_class)) {
            mistakes.push_back(
                fmt::format("retry.on: what ended as {} is never tried again", to_string(*exit_class)));
        } else if (const auto* code = std::get_if<int>(&cause);
                   code != nullptr && (*code < 1 || *code > 255)) {
            mistakes.push_back(
                fmt::format("retry.on: {} is no exit code of a failure, these are 1 to 255", *code));
        }
    }
}

void check_limits(const RunLimits& limits, Mistakes& mistakes) {
    check_seconds("timeout_seconds", limits.timeout_seconds, mistakes);
    check_seconds("queue_timeout_seconds", limits.queue_timeout_seconds, mistakes);
    if (limits.retry) {
        check_retry(*limits.retry, mistakes);
    }
}

bool is_control(unsigned char byte) {
    return byte < ' ' || byte == 0x7f;
}

void check_fits_index(std::string_view field, std::string_view text, Mistakes& mistakes) {
    if (auto mistake = indexed_text_mistake(field, text)) {
        mistakes.push_back(*std::move(mistake));
    }
}

/// People have to see it and to type it.
void check_alias(const std::string& alias, Mistakes& mistakes) {
    const bool is_blank = std::all_of(alias.begin(), alias.end(),
                                      [](unsigned char byte) { return byte == ' ' || is_control(byte); });
    if (is_blank && !alias.empty()) {
        mistakes.emplace_back("string [alias] must not be blank");
    }
    check_fits_index("string [alias]", alias, mistakes);
}

void check_user(const std::string& user, Mistakes& mistakes) {
    if (std::any_of(user.begin(), user.end(), is_control)) {
        mistakes.emplace_back("string [user] must not contain newlines or other control characters");
    }
}

void check_tags(const std::vector<std::string>& tags, Mistakes& mistakes) {
    if (std::find(tags.begin(), tags.end(), "") != tags.end()) {
        mistakes.emplace_back("tags: a tag must not be empty");
    }
    for (const std::string& tag : tags) {
        check_fits_index("tags: a tag", tag, mistakes);
    }
}

void check_given(const DefinitionFields& fields, Mistakes& mistakes) {
    check_alias(fields.alias.value_or(""), mistakes);
    check_memory(fields.memory, mistakes);
    check_cpu(fields.cpu, mistakes);
    check_gpu(fields.gpu, mistakes);
    check_secrets(fields.secrets, mistakes);
    check_limits(fields.limits, mistakes);
    if (fields.labels) {
        append(label_mistakes(*fields.labels), mistakes);
    }
    if (fields.env) {
        append(env_mistakes(*fields.env), mistakes);
    }
    if (fields.ports) {
        check_ports(*fields.ports, mistakes);
    }
    if (fields.tags) {
        check_tags(*fields.tags, mistakes);
    }
    check_user(fields.user.value_or(""), mistakes);
}

void throw_if_any(const Mistakes& mistakes) {
    if (!mistakes.empty()) {
        throw invalid("{}", fmt::join(mistakes, "\n"));
    }
}

std::vector<std::string> without_repeats(const std::vector<std::string>& texts) {
    std::vector<std::string> kept;
    for (const std::string& text : texts) {
        if (std::find(kept.begin(), kept.end(), text) == kept.end()) {
            kept.push_back(text);
        }
    }
    return kept;
}

DefinitionFields fields_of(const Overrides& overrides) {
    DefinitionFields fields;
    fields.memory = overrides.memory;
    fields.command = overrides.command;
    fields.cpu = overrides.cpu;
    fields.gpu = overrides.gpu;
    fields.secrets = overrides.secrets;
    if (is_given(overrides.description)) {
        fields.description = overrides.description;
    }
    fields.labels = overrides.labels;
    fields.limits = overrides.limits;
    return fields;
}

void set_text(const std::optional<std::string>& from, std::string& to) {
    if (is_given(from)) {
        to = *from;
    }
}

/// 0 stands for no bound, or for none.
void set_bound(const std::optional<std::int64_t>& from, std::optional<std::int64_t>& to) {
    if (from) {
        to = *from == 0 ? std::nullopt : from;
    }
}

void set_limits(const RunLimits& from, RunLimits& to) {
    set_bound(from.timeout_seconds, to.timeout_seconds);
    set_bound(from.queue_timeout_seconds, to.queue_timeout_seconds);
    if (from.retry) {
        to.retry = from.retry->max_attempts == 1 ? std::nullopt : from.retry;
    }
}

}  // namespace

Mistakes env_mistakes(const Env& env) {
    Mistakes mistakes;
    for (const EnvVar& variable : env) {
        if (variable.name.empty()) {
            mistakes.emplace_back("env: the name of an environment variable must not be empty");
        } else if (variable.name.find('=') != std::string::npos) {
            mistakes.push_back(fmt::format("env: the name [{}] must not contain '='", variable.name));
        }
    }
    return mistakes;
}

void check_new(const DefinitionFields& fields) {
    Mistakes mistakes;
    if (!is_given(fields.image)) {
        mistakes.emplace_back("string [image] must be specified");
    }
    if (!is_given(fields.group_name)) {
        mistakes.emplace_back("string [group_name] must be specified");
    }
    check_group_name(fields.group_name.value_or(""), mistakes);
    if (!is_given(fields.alias)) {
        mistakes.emplace_back("string [alias] must be specified");
    }
    if (!fields.memory) {
        mistakes.emplace_back("int [memory] must be specified");
    }
    if (!is_given(fields.command)) {
        mistakes.emplace_back("string [command] must be specified");
    }
    check_given(fields, mistakes);
    throw_if_any(mistakes);
}

void check_update(const DefinitionFields& fields) {
    Mistakes mistakes;
    if (is_given(fields.group_name)) {
        check_group_name(*fields.group_name, mistakes);
    }
    check_given(fields, mistakes);
    throw_if_any(mistakes);
}

void assign(const DefinitionFields& fields, Definition& definition) {
    set_text(fields.alias, definition.alias);
    set_text(fields.image, definition.image);
    set_text(fields.command, definition.command);
    definition.user = fields.user.value_or(definition.user);
    if (definition.group_name.empty()) {
        set_text(fields.group_name, definition.group_name);
    }
    definition.memory = fields.memory.value_or(definition.memory);
    definition.env = fields.env.value_or(definition.env);
    definition.ports = fields.ports.value_or(definition.ports);
    if (fields.tags) {
        definition.tags = without_repeats(*fields.tags);
    }
    set_bound(fields.cpu, definition.cpu);
    set_bound(fields.gpu, definition.gpu);
    set_limits(fields.limits, definition.limits);
    if (fields.secrets) {
        definition.secrets = without_repeats(*fields.secrets);
    }
    definition.description = fields.description.value_or(definition.description);
    definition.labels = fields.labels.value_or(definition.labels);
}

void check_overrides(const Overrides& overrides) {
    check_update(fields_of(overrides));
}

Definition with_overrides(const Definition& definition, const Overrides& overrides) {
    DefinitionFields fields = fields_of(overrides);
    fields.labels->insert(definition.labels.begin(), definition.labels.end());
    Definition changed = definition;
    assign(fields, changed);
    return changed;
}

}  // namespace flotilla

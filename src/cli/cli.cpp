#include "cli/cli.hpp"

#include <algorithm>
#include <array>
#include <ostream>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/help_text.hpp"
#include "cli/server_options.hpp"

namespace flotilla {

namespace {

constexpr int exit_status_failure = 1;
constexpr int exit_status_usage = 2;

struct Entry {
    std::string_view name;  ///< the words that call it; its help text has `_` for the blank
    std::unique_ptr<Command> (*make)();
};

constexpr std::array entries{
    Entry{"serve", make_serve_command},
    Entry{"migrate", make_migrate_command},
    Entry{"backup", make_backup_command},
    Entry{"restore", make_restore_command},
    Entry{"drain", make_drain_command},
    Entry{"define", make_define_command},
    Entry{"run", make_run_command},
    Entry{"runs", make_runs_command},
    Entry{"status", make_status_command},
    Entry{"logs", make_logs_command},
    Entry{"stop", make_stop_command},
    Entry{"image import", make_image_import_command},
    Entry{"image pull", make_image_pull_command},
    Entry{"image list", make_image_list_command},
    Entry{"image rm", make_image_rm_command},
    Entry{"token new", make_token_new_command},
    Entry{"token list", make_token_list_command},
    Entry{"token revoke", make_token_revoke_command},
};

/// First words that another one has to follow.
constexpr std::array<std::string_view, 2> groups{"image", "token"};

std::string_view help_of(std::string_view command) {
    std::string name(command);
    std::replace(name.begin(), name.end(), ' ', '_');
    return help_text(name);
}

bool is_help(std::string_view word) {
    return word == "--help" || word == "-h" || word == "help";
}

/// The commands that begin with `prefix`, each with the first sentence of its help.
std::string command_list(std::string_view prefix) {
    std::string text;
    for (const auto& entry : entries) {
        if (entry.name.starts_with(prefix)) {
            const auto help = help_of(entry.name);
            text += fmt::format("  {:<14}{}\n", entry.name, help.substr(0, help.find('\n')));
        }
    }
    return text;
}

/// What may follow the first word of a group.
std::vector<std::string_view> second_words(const std::string& group) {
    std::vector<std::string_view> words;
    for (const auto& entry : entries) {
        if (entry.name.starts_with(group + " ")) {
            words.push_back(entry.name.substr(group.size() + 1));
        }
    }
    return words;
}

int run_entry(const Entry& entry, std::vector<std::string> words, Surroundings& surroundings) {
    const auto command = entry.make();
    Arguments arguments;
    command->declare(arguments);
    try {
        if (arguments.parse(std::move(words)) == Arguments::Outcome::help_asked) {
            surroundings.out << help_of(entry.name) << "\nArguments and options:\n\n" << arguments.help();
            return 0;
        }
        return command->execute(surroundings);
    } catch (const UsageError& error) {
        throw UsageError(fmt::format("{}; see: flotilla {} --help", error.what(), entry.name));
    }
}

int dispatch(const std::vector<std::string>& words, Surroundings& surroundings) {
    if (words.empty()) {
        throw UsageError("a command is missing; see: flotilla --help");
    }
    if (is_help(words[0])) {
        surroundings.out << help_text("flotilla") << "\nCommands:\n\n" << command_list("");
        return 0;
    }
    if (words[0] == "--version") {
        surroundings.out << "flotilla " FLOTILLA_VERSION "\n";
        return 0;
    }
    const bool is_group = std::find(groups.begin(), groups.end(), words[0]) != groups.end();
    if (is_group && words.size() > 1 && is_help(words[1])) {
        surroundings.out << help_text(words[0]) << "\nCommands:\n\n" << command_list(words[0] + " ");
        return 0;
    }
    const std::size_t name_words = is_group && words.size() > 1 ? 2 : 1;
    const auto name = name_words == 2 ? words[0] + " " + words[1] : words[0];
    const auto* const entry =
        std::find_if(entries.begin(), entries.end(), [&](const Entry& known) { return known.name == name; });
    if (entry == entries.end()) {
        throw UsageError(is_group ? fmt::format("{0} takes one of {1}; see: flotilla {0} --help", words[0],
                                                fmt::join(second_words(words[0]), ", "))
                                  : fmt::format("there is no command [{}]; see: flotilla --help", name));
    }
    return run_entry(*entry, {words.begin() + static_cast<std::ptrdiff_t>(name_words), words.end()},
                     surroundings);
}

}  // namespace

int run_command_line(const std::vector<std::string>& words, Surroundings& surroundings) {
    try {
        const int status = dispatch(words, surroundings);
        if (!surroundings.out.flush()) {
            say(surroundings, "the output could not be written completely");
            return exit_status_failure;
        }
        return status;
    } catch (const UsageError& error) {
        say(surroundings, error.what());
        return exit_status_usage;
    } catch (const std::exception& error) {
        say(surroundings, error.what());
        return exit_status_failure;
    }
}

}  // namespace flotilla

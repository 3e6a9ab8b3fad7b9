#include "cli/arguments.hpp"

#include <algorithm>
#include <charconv>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

namespace flotilla {

namespace {

std::string option_text(const std::string& names, const std::string& value_name) {
    std::string text = names;
    if (const auto comma = text.find(','); comma != std::string::npos) {
        text.insert(comma + 1, " ");
    }
    return value_name.empty() ? text : text + " " + value_name;
}

/// The name that CLI11's messages begin with.
std::string first_word(std::string_view message) {
    return std::string(message.substr(0, message.find_first_of(" :")));
}

}  // namespace

Arguments::Arguments() : app_(std::make_unique<CLI::App>()) {
    app_->set_help_flag("-h,--help", "");
    app_->allow_windows_style_options(false);
}

Arguments::~Arguments() = default;

void Arguments::positional(const std::string& name, std::string& value, const std::string& help) {
    app_->add_option_function<std::string>(name,
                                           [&value, name](const std::string& given) {
                                               if (given.empty()) {
                                                   throw CLI::ValidationError(name + " must not be empty");
                                               }
                                               value = given;
                                           })
        ->required();
    note(name, help);
}

void Arguments::flag(const std::string& names, bool& value, const std::string& help) {
    app_->add_flag(names, value)->disable_flag_override();
    note(option_text(names, ""), help);
}

void Arguments::option(const std::string& names, const std::string& value_name, std::string& value,
                       const std::string& help, const std::string& environment) {
    auto* const option = app_->add_option(names, value);
    std::string text = help;
    if (!environment.empty()) {
        option->envname(environment);
        text += fmt::format(" [{}]", environment);
    }
    if (!value.empty()) {
        text += fmt::format(" (default {})", value);
    }
    note(option_text(names, value_name), text);
}

void Arguments::option(const std::string& names, const std::string& value_name,
                       std::optional<std::string>& value, const std::string& help) {
    app_->add_option_function<std::string>(names, [&value](const std::string& given) { value = given; });
    note(option_text(names, value_name), help);
}

void Arguments::option(const std::string& names, const std::string& value_name, std::int64_t& value,
                       const std::string& help) {
    add_number(names, [&value](std::int64_t number) { value = number; });
    note(option_text(names, value_name), fmt::format("{} (default {})", help, value));
}

void Arguments::option(const std::string& names, const std::string& value_name,
                       std::optional<std::int64_t>& value, const std::string& help) {
    add_number(names, [&value](std::int64_t number) { value = number; });
    note(option_text(names, value_name), help);
}

void Arguments::add_number(const std::string& names, const std::function<void(std::int64_t)>& take) {
    const auto long_name = names.substr(names.find("--"));
    app_->add_option_function<std::string>(names, [take, long_name](const std::string& given) {
        std::int64_t number = 0;
        const auto [end, error] = std::from_chars(given.data(), given.data() + given.size(), number);
        if (error != std::errc{} || end != given.data() + given.size() || number < 0) {
            throw CLI::ValidationError(
                fmt::format("{} must be a whole number of 0 or more, was [{}]", long_name, given));
        }
        take(number);
    });
}

void Arguments::option(const std::string& names, const std::string& value_name,
                       std::vector<std::string>& values, const std::string& help) {
    app_->add_option(names, values)->allow_extra_args(false);
    note(option_text(names, value_name), help);
}

Arguments::Outcome Arguments::parse(std::vector<std::string> words) {
    std::reverse(words.begin(), words.end());  // CLI11 takes them from the back
    try {
        app_->parse(std::move(words));
        return Outcome::parsed;
    } catch (const CLI::CallForHelp&) {
        return Outcome::help_asked;
    } catch (const CLI::ExtrasError&) {
        const auto extra = app_->remaining().front();
        if (extra.starts_with('-')) {
            // What follows `=` may be a token.
            throw UsageError("unknown option " + extra.substr(0, extra.find('=')));
        }
        throw UsageError("unexpected argument " + extra);
    } catch (const CLI::RequiredError& error) {
        throw UsageError(first_word(error.what()) + " is missing");
    } catch (const CLI::ArgumentMismatch& error) {
        const bool is_flag = std::string_view(error.what()).find("override") != std::string_view::npos;
        const auto name = first_word(error.what());
        throw UsageError(is_flag ? fmt::format("--{} takes no value", name) : name + " needs a value");
    } catch (const CLI::ParseError& error) {
        throw UsageError(error.what());
    }
}

std::string Arguments::help() const {
    std::size_t width = std::string_view("-h, --help").size();
    for (const auto& [left, help] : lines_) {
        width = std::max(width, left.size());
    }
    std::string text;
    for (const auto& [left, help] : lines_) {
        text += fmt::format("  {:<{}}  {}\n", left, width, help);
    }
    return text + fmt::format("  {:<{}}  {}\n", "-h, --help", width, "Prints this text");
}

}  // namespace flotilla

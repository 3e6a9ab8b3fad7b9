#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace flotilla {

/// The command line is wrong. The message is for people; the process ends with status 2.
class UsageError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// What one command accepts. Every value is written to the variable that it was declared with, which has to
/// outlive this object. A thin wrapper of CLI11, whose headers are slow to compile.
class Arguments {
public:
    Arguments();
    Arguments(const Arguments&) = delete;
    Arguments& operator=(const Arguments&) = delete;
    ~Arguments();

    /// A word that must be given. Positions follow the order of declaration.
    void positional(const std::string& name, std::string& value, const std::string& help);
    /// `names` such as `-f,--follow`.
    void flag(const std::string& names, bool& value, const std::string& help);
    /// An option with a value, called `value_name` in the help. Where it is not given, the environment
    /// variable is taken if it is named here and not empty.
    void option(const std::string& names, const std::string& value_name, std::string& value,
                const std::string& help, const std::string& environment = {});
    void option(const std::string& names, const std::string& value_name, std::optional<std::string>& value,
                const std::string& help);
    void option(const std::string& names, const std::string& value_name, std::int64_t& value,
                const std::string& help);
    void option(const std::string& names, const std::string& value_name, std::optional<std::int64_t>& value,
                const std::string& help);
    /// May be given several times.
    void option(const std::string& names, const std::string& value_name, std::vector<std::string>& values,
                const std::string& help);

    enum class Outcome { parsed, help_asked };
    /// Reads the words after the command's name. Throws UsageError.
    [[nodiscard]] Outcome parse(std::vector<std::string> words);

    /// The positions and options as a list, a line each.
    [[nodiscard]] std::string help() const;

private:
    void add_number(const std::string& names, const std::function<void(std::int64_t)>& take);
    void note(std::string left, const std::string& help) { lines_.emplace_back(std::move(left), help); }

    std::unique_ptr<CLI::App> app_;
    std::vector<std::pair<std::string, std::string>> lines_;
};

}  // namespace flotilla

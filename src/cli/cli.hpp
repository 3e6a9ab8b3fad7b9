#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"

namespace flotilla {

/// Runs the command that the words (those after the program's name) ask for. An error becomes one line on
/// standard error that says what is wrong and what to do. Returns the process's exit status: 0 success, 1
/// failure, 2 wrong usage; `run --follow` has its own.
int run_command_line(const std::vector<std::string>& words, Surroundings& surroundings);

}  // namespace flotilla

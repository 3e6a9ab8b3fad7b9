#pragma once

#include <map>
#include <string>

namespace flotilla {

/// What stands in the sections of an INI file: section to names to values.
using IniSections = std::map<std::string, std::map<std::string, std::string>>;

/// Of lines that are neither a section nor `name = value`, and of those that are indented, nothing is taken.
[[nodiscard]] IniSections parse_ini(const std::string& text);

/// Empty where the section, or the name in it, is not there.
[[nodiscard]] std::string ini_value(const IniSections& sections, const std::string& section,
                                    const std::string& name);

}  // namespace flotilla

#include "base/ini_text.hpp"

#include <sstream>

#include "base/trimmed.hpp"

namespace flotilla {

IniSections parse_ini(const std::string& text) {
    IniSections sections;
    std::string section;
    std::istringstream lines(text);
    for (std::string whole; std::getline(lines, whole);) {
        const bool is_nested = whole.starts_with(' ') || whole.starts_with('\t');
        const auto line = trimmed(whole);
        if (line.empty() || line.starts_with('#') || line.starts_with(';') || is_nested) {
            continue;
        }
        if (line.front() == '[' && line.back() == ']') {
            section = trimmed(line.substr(1, line.size() - 2));
        } else if (const auto equals = line.find('='); equals != std::string_view::npos) {
            sections[section][std::string(trimmed(line.substr(0, equals)))] =
                trimmed(line.substr(equals + 1));
        }
    }
    return sections;
}

std::string ini_value(const IniSections& sections, const std::string& section, const std::string& name) {
    const auto found = sections.find(section);
    if (found == sections.end()) {
        return "";
    }
    const auto entry = found->second.find(name);
    return entry == found->second.end() ? "" : entry->second;
}

}  // namespace flotilla

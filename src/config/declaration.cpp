#include "config/declaration.hpp"

#include <algorithm>
#include <map>

#include "base/letter_case.hpp"

namespace flotilla::settings {

const Key* find_key(std::string_view name) {
    static const std::map<std::string, const Key*> by_name = [] {
        std::map<std::string, const Key*> keys;
        for (const Chapter& chapter : chapters()) {
            for (const Key& key : chapter.keys) {
                keys.emplace(one_word(key.name), &key);
            }
        }
        return keys;
    }();
    const auto found = by_name.find(one_word(name));
    return found == by_name.end() ? nullptr : found->second;
}

std::string one_word(std::string_view name) {
    std::string word{name};
    std::ranges::replace(word, '.', '_');
    return word;
}

std::string variable_name(std::string_view name) {
    std::string variable = one_word(name);
    std::ranges::transform(variable, variable.begin(), [](char letter) {
        return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
    });
    return variable;
}

void set_entry(TextPairs& map, const std::string& name, const std::string& text) {
    const auto as_variable = [](std::string entry) {
        std::ranges::replace(entry, '-', '_');
        return variable_name(entry);
    };
    const std::string wanted = as_variable(name);
    const auto found =
        std::ranges::find_if(map, [&](const auto& entry) { return as_variable(entry.first) == wanted; });
    if (found != map.end()) {
        found->second = text;
        return;
    }
    std::string entry = in_lower_case(wanted);
    std::ranges::replace(entry, '_', '-');
    map.emplace_back(std::move(entry), text);
}

}  // namespace flotilla::settings

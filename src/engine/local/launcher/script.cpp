#include <string>

#include "engine/local/launcher/job.hpp"

namespace flotilla::launcher {

namespace {

std::string quoted(const std::string& text) {
    std::string result = "'";
    for (const char character : text) {
        if (character == '\'') {
            result += "'\\''";
        } else {
            result += character;
        }
    }
    return result + "'";
}

}  // namespace

std::string wrapped_script(const std::string& command, const std::string& kept_path, bool login) {
    std::string script;
    if (login && !kept_path.empty()) {
        script.append("PATH=").append(quoted(kept_path)).append(":\"$PATH\"; ");
    }
    return script.append("set -x\nset -e\n\n").append(command);
}

}  // namespace flotilla::launcher

#include <string>

#include "engine/job_script.hpp"
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

std::string wrapped_script(const LaunchSpec& spec, bool login) {
    std::string script;
    if (login && !spec.kept_path.empty()) {
        script.append("PATH=").append(quoted(spec.kept_path)).append(":\"$PATH\"; ");
    }
    return script + job_script(spec.command, spec.traced);
}

}  // namespace flotilla::launcher

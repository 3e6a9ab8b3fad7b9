#include "cli/backup_text.hpp"

#include <fmt/format.h>

#include "cli/text.hpp"

namespace flotilla {

std::string contents_text(const BackupContents& contents) {
    const auto rows = [&](std::string_view table) {
        const auto found = contents.rows.find(table);
        return found == contents.rows.end() ? 0 : found->second;
    };
    return fmt::format("{} definitions, {} runs, {} tokens and {} logs ({})", rows("definitions"),
                       rows("runs"), rows("tokens"), contents.logs, size_text(contents.log_bytes));
}

}  // namespace flotilla

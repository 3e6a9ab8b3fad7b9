#pragma once

#include <string>

#include "app/backup.hpp"

namespace flotilla {

/// What a backup holds, for people: `3 definitions, 120 runs, 2 tokens and 118 logs (1.2 MB)`.
[[nodiscard]] std::string contents_text(const BackupContents& contents);

}  // namespace flotilla

#pragma once

#include <filesystem>

#include "logs/log_reader.hpp"

namespace flotilla {

/// Logs in files below `<data_dir>/logs` (see log_path.hpp). A token is `<attempt>/<byte offset>`.
class FileLogReader final : public LogReader {
public:
    explicit FileLogReader(std::filesystem::path data_dir) : data_dir_(std::move(data_dir)) {}

    LogPage read(const Run& run, std::string_view last_seen) override;

private:
    std::filesystem::path data_dir_;
};

}  // namespace flotilla

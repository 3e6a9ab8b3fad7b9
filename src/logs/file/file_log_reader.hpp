#pragma once

#include <filesystem>

#include "logs/log_reader.hpp"

namespace flotilla {

/// Logs in files below `<data_dir>/logs` (see log_path.hpp), compressed or not.
class FileLogReader final : public LogReader {
public:
    explicit FileLogReader(std::filesystem::path data_dir) : data_dir_(std::move(data_dir)) {}

    LogPage read(const AttemptLog& log, std::int64_t offset, std::size_t most) override;
    std::int64_t size(const AttemptLog& log) override;
    std::unique_ptr<LogBytes> open(const AttemptLog& log) override;

private:
    [[nodiscard]] std::filesystem::path path_of(const AttemptLog& log) const;

    std::filesystem::path data_dir_;
};

}  // namespace flotilla

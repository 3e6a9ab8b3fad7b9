#pragma once

#include <filesystem>
#include <string>

#include "base/file.hpp"

namespace flotilla {

/// Makes the folder of all state of this host if it is not there. Throws `invalid` with the reason and what
/// to do if it cannot be made.
void make_data_folder(const std::filesystem::path& path);

/// The id of the host whose data folder that is; empty if no server has had it yet.
[[nodiscard]] std::string host_id_in(const std::filesystem::path& data_dir);

/// The folder of all state of this host, held by one server at a time.
class DataFolder {
public:
    /// Makes the folder if it is not there and locks it. Throws `invalid` with the reason and what to do if
    /// it cannot be written or another server has it.
    explicit DataFolder(std::filesystem::path path);

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    /// The id by which other servers of the same database know this host: the content of the file `host_id`.
    [[nodiscard]] const std::string& host_id() const { return host_id_; }

private:
    std::filesystem::path path_;
    std::string host_id_;
    UniqueFd lock_;
};

}  // namespace flotilla

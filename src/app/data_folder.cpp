#include "app/data_folder.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/uuid.hpp"

namespace flotilla {

namespace {

constexpr const char* id_file = "host_id";

}  // namespace

void make_data_folder(const std::filesystem::path& path) {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) {
        throw invalid("cannot make the data folder {}: {}; set data_dir to a folder that this user can write",
                      path.string(), error.message());
    }
}

std::string host_id_in(const std::filesystem::path& data_dir) {
    auto id = read_file(data_dir / id_file).value_or("");
    id.erase(std::min(id.find_first_of("\n "), id.size()));
    return id;
}

DataFolder::DataFolder(std::filesystem::path path) : path_(std::move(path)) {
    make_data_folder(path_);
    const auto lock_file = path_ / "server.lock";
    lock_ = UniqueFd(::open(lock_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!lock_) {
        throw invalid(
            "cannot write in the data folder {}: {}; set data_dir to a folder that this user can write",
            path_.string(), std::generic_category().message(errno));
    }
    if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
        throw invalid(
            "the data folder {} is in use by another server; stop that one, or set another data_dir",
            path_.string());
    }
    std::filesystem::create_directories(path_ / "logs");
    spread_folders_in(path_ / "logs");
    host_id_ = host_id_in(path_);
    if (host_id_.empty()) {
        RandomIdMaker ids;
        host_id_ = ids.uuid();
        write_file(path_ / id_file, host_id_ + "\n");
    }
}

}  // namespace flotilla

#include "image/store_folder.hpp"

#include <cerrno>
#include <chrono>
#include <sstream>
#include <stdexcept>

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crash_point.hpp"
#include "base/log.hpp"
#include "base/subprocess.hpp"
#include "image/digest.hpp"
#include "image/open_inside.hpp"

namespace flotilla {

namespace fs = std::filesystem;

namespace {

constexpr const char* layers_file = "layers";

/// With rm(1), which removes trees that are deeper than this process may have files open.
void remove_tree(const fs::path& path, const std::stop_token& stop) {
    try {
        const auto result = run_subprocess({"rm", "-rf", "--", path.string()}, std::chrono::hours(1), stop);
        if (result.exit_code != 0 && !stop.stop_requested()) {
            log_warning("cannot remove {}: {}", path.string(), result.errors);
        }
    } catch (const std::exception& error) {
        log_warning("cannot remove {}: {}", path.string(), error.what());
    }
}

/// As `write_file`, and on disk when this returns. One writer at a time.
void write_durably(const fs::path& path, const std::string& content) {
    auto fresh = path;
    fresh += ".new";
    write_file(fresh, content);
    const UniqueFd file(::open(fresh.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file || ::fsync(file.get()) != 0) {
        throw_errno(fmt::format("cannot write {}", fresh.string()));
    }
    fs::rename(fresh, path);
}

/// The layers that each folder below `users` says in its file `layers`, with that folder's name.
std::map<std::string, std::string> layers_used_below(const fs::path& users) {
    std::map<std::string, std::string> layers;
    std::error_code absent;
    for (const auto& user : fs::directory_iterator(users, absent)) {
        std::istringstream lines(read_file(user.path() / layers_file).value_or(""));
        for (std::string layer; std::getline(lines, layer);) {
            layers.emplace(layer, user.path().filename().string());
        }
    }
    return layers;
}

bool lock_without_waiting(int fd) {
    return ::flock(fd, LOCK_EX | LOCK_NB) == 0;
}

}  // namespace

WorkFolder::~WorkFolder() {
    remove({});
}

void WorkFolder::remove(const std::stop_token& stop) {
    if (!path_.empty()) {
        remove_tree(path_, stop);
        path_.clear();
    }
}

StoreFolder::StoreFolder(fs::path folder, fs::path runs)
    : folder_(std::move(folder)), runs_(std::move(runs)) {
    for (const char* part : {"records", "layers", "pins", "work"}) {
        fs::create_directories(folder_ / part);
    }
    remove_leftovers();
}

fs::path StoreFolder::layer_path(const std::string& layer) const {
    return folder_ / "layers" / layer;
}

NameRecords StoreFolder::names() const {
    const fs::path path = folder_ / "names.json";
    const auto content = read_file(path);
    try {
        return content ? parse_name_records(*content) : NameRecords{};
    } catch (const std::exception& error) {
        throw std::runtime_error(fmt::format("{} is damaged: {}", path.string(), error.what()));
    }
}

std::optional<ImageRecord> StoreFolder::record(const std::string& digest) const {
    const fs::path path = folder_ / "records" / (digest_hex(digest) + ".json");
    const auto content = read_file(path);
    try {
        return content ? std::optional(parse_image_record(*content)) : std::nullopt;
    } catch (const std::exception& error) {
        log_warning("{} is damaged: {}", path.string(), error.what());
        return std::nullopt;
    }
}

std::vector<ImageRecord> StoreFolder::records() const {
    std::vector<ImageRecord> records;
    for (const auto& file : fs::directory_iterator(folder_ / "records")) {
        if (file.path().extension() == ".json") {
            if (auto image = record("sha256:" + file.path().stem().string())) {
                records.push_back(std::move(*image));
            }
        }
    }
    return records;
}

std::optional<StoredImage> StoreFolder::image(const std::string& digest) const {
    const auto found = record(digest);
    if (!found) {
        return std::nullopt;
    }
    StoredImage image{.digest = found->digest, .config = found->config, .layers = {}};
    for (const LayerRecord& layer : found->layers) {
        image.layers.push_back(layer_path(layer.folder));
        if (!fs::is_directory(image.layers.back())) {
            log_warning("image {} lacks its layer {}", digest, layer.folder);
            return std::nullopt;
        }
    }
    return image;
}

StoreLock StoreFolder::lock() const {
    const fs::path path = folder_ / "lock";
    UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    if (!file) {
        throw_errno(fmt::format("cannot open {}", path.string()));
    }
    while (::flock(file.get(), LOCK_EX) != 0) {
        if (errno != EINTR) {
            throw_errno(fmt::format("cannot lock {}", path.string()));
        }
    }
    return StoreLock(std::move(file));
}

void StoreFolder::write_names(const StoreLock&, const NameRecords& names) const {
    write_durably(folder_ / "names.json", to_json(names));
}

void StoreFolder::write_record(const StoreLock&, const ImageRecord& record) const {
    write_durably(record_path(record.digest), to_json(record));
}

fs::path StoreFolder::record_path(const std::string& digest) const {
    return folder_ / "records" / (digest_hex(digest) + ".json");
}

void StoreFolder::note_use(const StoreLock&, const std::string& digest) const {
    (void)::utimensat(AT_FDCWD, record_path(digest).c_str(), nullptr, 0);
}

TimePoint StoreFolder::used_at(const std::string& digest) const {
    struct stat found = {};
    if (::stat(record_path(digest).c_str(), &found) != 0) {
        return {};
    }
    return TimePoint(std::chrono::seconds(found.st_mtim.tv_sec) +
                     std::chrono::duration_cast<std::chrono::microseconds>(
                         std::chrono::nanoseconds(found.st_mtim.tv_nsec)));
}

WorkFolder StoreFolder::make_work_folder(const StoreLock&) const {
    std::string path = (folder_ / "work" / "XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr) {
        throw_errno(fmt::format("cannot create {}", path));
    }
    UniqueFd held = open_folder(path);
    if (!lock_without_waiting(held.get())) {
        throw_errno(fmt::format("cannot lock {}", path));
    }
    return {path, std::move(held)};
}

void StoreFolder::pin(const StoreLock&, const std::string& digest) const {
    const fs::path path = folder_ / "pins" / digest_hex(digest);
    write_file(path, "");
    crash_point("image.pinned");
}

void StoreFolder::unpin(const StoreLock&, const std::string& digest) const {
    fs::remove(folder_ / "pins" / digest_hex(digest));
}

std::set<std::string> StoreFolder::pins() const {
    std::set<std::string> digests;
    for (const auto& pin : fs::directory_iterator(folder_ / "pins")) {
        digests.insert("sha256:" + pin.path().filename().string());
    }
    return digests;
}

void StoreFolder::protect(const StoreLock&, const fs::path& user, const std::vector<std::string>& layers) {
    rewrite_file(user / layers_file, fmt::format("{}\n", fmt::join(layers, "\n")));
}

std::map<std::string, std::string> StoreFolder::layers_of_runs(const StoreLock&) const {
    return layers_used_below(runs_);
}

std::optional<WorkFolder> StoreFolder::take_out_unused(const StoreLock& lock) const {
    const std::set<std::string> digests = digests_in_use();
    const std::set<std::string> used = layers_in_use(lock, digests);
    std::vector<fs::path> unused;
    for (const auto& record : fs::directory_iterator(folder_ / "records")) {
        const bool is_record = record.path().extension() == ".json";
        if (!is_record || !digests.contains("sha256:" + record.path().stem().string())) {
            unused.push_back(record.path());
        }
    }
    for (const auto& layer : fs::directory_iterator(folder_ / "layers")) {
        if (!used.contains(layer.path().filename().string())) {
            unused.push_back(layer.path());
        }
    }
    if (unused.empty()) {
        return std::nullopt;
    }
    WorkFolder taken_out = make_work_folder(lock);
    for (const fs::path& path : unused) {
        fs::rename(path, taken_out.path() / path.filename());
    }
    return taken_out;
}

std::set<std::string> StoreFolder::digests_in_use() const {
    std::set<std::string> digests = pins();
    for (const auto& [name, record] : names()) {
        digests.insert(record.digest);
    }
    return digests;
}

std::set<std::string> StoreFolder::layers_in_use(const StoreLock& lock,
                                                 const std::set<std::string>& digests) const {
    std::set<std::string> layers;
    for (const std::string& digest : digests) {
        if (const auto image = record(digest)) {
            for (const LayerRecord& layer : image->layers) {
                layers.insert(layer.folder);
            }
        }
    }
    for (const auto& users : {layers_of_runs(lock), layers_used_below(folder_ / "work")}) {
        for (const auto& [layer, user] : users) {
            layers.insert(layer);
        }
    }
    return layers;
}

void StoreFolder::flush() const {
    if (::syncfs(open_folder(folder_.string()).get()) != 0) {
        throw_errno(fmt::format("cannot write {} to disk", folder_.string()));
    }
}

/// What nobody holds is left by somebody who is no more: whoever works in a folder has had it locked since it
/// was there, under the store's lock.
void StoreFolder::remove_leftovers() const {
    std::vector<WorkFolder> leftovers;
    const StoreLock lock = this->lock();  // destroyed before the leftovers are, which takes longer
    for (const auto& left : fs::directory_iterator(folder_ / "work")) {
        if (!left.is_directory()) {
            continue;
        }
        UniqueFd held = open_folder(left.path().string());
        if (lock_without_waiting(held.get())) {
            leftovers.emplace_back(left.path(), std::move(held));
            fs::remove(left.path() / layers_file);
        }
    }
    if (auto unused = take_out_unused(lock)) {
        leftovers.push_back(std::move(*unused));
    }
}

}  // namespace flotilla

#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/file.hpp"
#include "image/store_records.hpp"

namespace flotilla {

/// A folder for work in progress. It is removed at the end and, after a crash, when a store is next opened.
class WorkFolder {
public:
    WorkFolder(std::filesystem::path path, UniqueFd held) : path_(std::move(path)), held_(std::move(held)) {}
    WorkFolder(WorkFolder&& other) noexcept : path_(std::move(other.path_)), held_(std::move(other.held_)) {
        other.path_.clear();
    }
    WorkFolder& operator=(WorkFolder&& other) noexcept {
        std::swap(path_, other.path_);
        std::swap(held_, other.held_);
        return *this;
    }
    ~WorkFolder();
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    /// Removes it now, with all that is in it; what is there once `stop` is requested stays.
    void remove(const std::stop_token& stop);

private:
    std::filesystem::path path_;
    UniqueFd held_;  ///< locked while somebody works in it
};

/// Held by whoever changes the store: one thread of one process at a time.
class StoreLock {
public:
    explicit StoreLock(UniqueFd file) : file_(std::move(file)) {}

private:
    UniqueFd file_;
};

/// The files of an image store:
///     names.json           what each name stands for
///     records/HEX.json     an image, by its digest; its time is that of its last use
///     pins/HEX             the image is kept, though no name may stand for it (any more, or yet)
///     layers/NAME/         an unpacked layer; NAME is short, since mount(2) takes 4 KiB for all layers of an
///     image work/                work in progress, each in a folder that its owner holds locked (flock) lock
///     locked by whoever changes one of the others
/// A record is there while a name or a pin has its digest. A layer is in use while a record has it, or a file
/// `layers` (names of layers, one a line) in the folder of a live run or in a work folder. Every function
/// throws std::system_error.
class StoreFolder {
public:
    /// Makes the folder and removes what a crash left. `runs` holds the folders of live runs; it may not
    /// exist.
    StoreFolder(std::filesystem::path folder, std::filesystem::path runs);

    [[nodiscard]] const std::filesystem::path& path() const { return folder_; }
    [[nodiscard]] std::filesystem::path layer_path(const std::string& layer) const;

    [[nodiscard]] NameRecords names() const;
    /// Nothing if there is none, or none that can be read.
    [[nodiscard]] std::optional<ImageRecord> record(const std::string& digest) const;
    [[nodiscard]] std::vector<ImageRecord> records() const;
    /// Nothing if it is not there with all its layers.
    [[nodiscard]] std::optional<StoredImage> image(const std::string& digest) const;

    [[nodiscard]] StoreLock lock() const;
    void write_names(const StoreLock& lock, const NameRecords& names) const;
    void write_record(const StoreLock& lock, const ImageRecord& record) const;
    [[nodiscard]] WorkFolder make_work_folder(const StoreLock& lock) const;
    /// Somebody uses it now.
    void note_use(const StoreLock& lock, const std::string& digest) const;
    /// When it was last used, or came; the beginning of time if it is not there.
    [[nodiscard]] TimePoint used_at(const std::string& digest) const;
    /// Keeps an image, or the one that will come, from removal.
    void pin(const StoreLock& lock, const std::string& digest) const;
    void unpin(const StoreLock& lock, const std::string& digest) const;
    /// The digests that are pinned.
    [[nodiscard]] std::set<std::string> pins() const;
    /// Keeps layers from removal while the file `layers` in `user`, a run's folder or a work folder, is
    /// there.
    static void protect(const StoreLock& lock, const std::filesystem::path& user,
                        const std::vector<std::string>& layers);
    /// The layers that live runs use, with the name of one such run each.
    [[nodiscard]] std::map<std::string, std::string> layers_of_runs(const StoreLock& lock) const;
    /// Takes out the records that neither a name nor a pin has and the layers that nobody uses; nothing if
    /// there are none. They are removed when the result is, which can take long: let go of the lock first.
    [[nodiscard]] std::optional<WorkFolder> take_out_unused(const StoreLock& lock) const;

    /// Writes to disk what was unpacked, so that a power cut leaves no image with empty files.
    void flush() const;

private:
    [[nodiscard]] std::filesystem::path record_path(const std::string& digest) const;
    void remove_leftovers() const;
    [[nodiscard]] std::set<std::string> digests_in_use() const;
    [[nodiscard]] std::set<std::string> layers_in_use(const StoreLock& lock,
                                                      const std::set<std::string>& digests) const;

    std::filesystem::path folder_;
    std::filesystem::path runs_;
};

}  // namespace flotilla

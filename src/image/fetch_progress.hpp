#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "base/guarded.hpp"

namespace flotilla {

/// How far the pull of an image is.
struct FetchProgress {
    std::int64_t done = 0;    ///< bytes that were fetched
    std::int64_t size = 0;    ///< bytes to fetch
    bool is_fetched = false;  ///< it is being unpacked
};

/// In a few words: `12 of 34 MB`, `unpacking`.
[[nodiscard]] std::string to_text(const FetchProgress& progress);

/// The fetches of images that go on, by the image's name. Safe to call from any thread.
class Fetches {
public:
    /// A fetch that is listed for as long as this is there.
    class Listed {
    public:
        Listed(Fetches& fetches, std::string name) : fetches_(fetches), name_(std::move(name)) {}
        Listed(const Listed&) = delete;
        Listed& operator=(const Listed&) = delete;
        ~Listed() { fetches_.going_on_.lock()->erase(name_); }
        void note_fetched() { (*fetches_.going_on_.lock())[name_].is_fetched = true; }

    private:
        Fetches& fetches_;
        std::string name_;
    };

    /// So many bytes are to come into `folder`.
    [[nodiscard]] Listed list(const std::string& name, std::filesystem::path folder, std::int64_t size);
    [[nodiscard]] std::optional<FetchProgress> progress(const std::string& name) const;

private:
    struct Fetch {
        std::filesystem::path folder;
        std::int64_t size = 0;
        bool is_fetched = false;
    };

    mutable Guarded<std::map<std::string, Fetch>> going_on_;
};

}  // namespace flotilla

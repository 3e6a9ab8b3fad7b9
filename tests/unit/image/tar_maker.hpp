#pragma once

#include <filesystem>
#include <string>

struct archive;

namespace flotilla::test {

/// Writes tar archives, entry by entry, also such that no sane program writes.
class TarMaker {
public:
    /// Compresses with gzip if the name ends in `.gz`, with zstd if in `.zst`.
    explicit TarMaker(std::filesystem::path file);
    TarMaker(const TarMaker&) = delete;
    TarMaker& operator=(const TarMaker&) = delete;
    ~TarMaker();

    TarMaker& file(const std::string& path, const std::string& content, unsigned mode = 0644, int owner = 0);
    TarMaker& folder(const std::string& path, unsigned mode = 0755, int owner = 0);
    TarMaker& link(const std::string& path, const std::string& target);
    TarMaker& hard_link(const std::string& path, const std::string& target);
    TarMaker& device(const std::string& path);
    TarMaker& fifo(const std::string& path);
    /// A file with an extended attribute.
    TarMaker& attributed_file(const std::string& path, const std::string& attribute,
                              const std::string& value);
    /// Ends the archive; its path.
    std::filesystem::path finish();

private:
    std::filesystem::path file_;
    archive* archive_;
};

}  // namespace flotilla::test

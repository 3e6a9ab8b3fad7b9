#include <filesystem>

#include "base/file.hpp"
#include "fuzz_target.hpp"
#include "logs/file/file_log_reader.hpp"
#include "logs/file/log_path.hpp"
#include "logs/log_position.hpp"
#include "support/temporary_folder.hpp"

namespace flotilla::fuzz {

namespace {

/// A complete log with lines, characters of several bytes and bytes that are no text.
class SmallLog {
public:
    SmallLog() {
        const auto path = log_path(folder_.path(), log_.run, log_.attempt);
        std::filesystem::create_directories(path.parent_path());
        write_file(path,
                   "+ set -e\nhello\n\xe2\x82\xac\xf0\x9f\x9a\xa2\n\xff\xc3\n\nno line end of this last one");
    }

    std::int64_t size() { return reader_.size(log_); }
    LogPage read(std::int64_t offset) { return reader_.read(log_, offset, 16); }

private:
    test::TemporaryFolder folder_;
    FileLogReader reader_{folder_.path()};
    AttemptLog log_{.run = {"0b9c6a70-0000-4000-8000-000000000000"}, .attempt = 1, .is_complete = true};
};

}  // namespace

void log_token(std::string_view input) {
    static SmallLog log;
    is_taken([&] {
        const LogPosition position = parse_log_position(input);
        require(parse_log_position(position.token()) == position, "print and parse agree");
        require(position.attempt >= 0 && position.offset >= 0, "a place lies within a log");
        std::int64_t offset = position.offset;
        for (LogPage page = log.read(offset); page.length > 0; page = log.read(offset)) {
            require(page.text.size() <= 16, "a page keeps its limit");
            offset += page.length;
        }
        require(offset == std::max(position.offset, log.size()), "the pages lead to the end of the log");
    });
}

}  // namespace flotilla::fuzz

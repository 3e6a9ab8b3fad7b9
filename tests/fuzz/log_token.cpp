#include <filesystem>

#include "base/file.hpp"
#include "fuzz_target.hpp"
#include "logs/file/file_log_reader.hpp"
#include "logs/file/log_path.hpp"
#include "support/sample_runs.hpp"
#include "support/temporary_folder.hpp"

namespace flotilla::fuzz {

namespace {

/// A run that has ended, with lines, characters of several bytes and bytes that are no text in its log.
class EndedRun {
public:
    EndedRun() {
        run_.attempt.phase = AttemptPhase::ended;
        const auto path = log_path(folder_.path(), run_.id, run_.attempt.number);
        std::filesystem::create_directories(path.parent_path());
        write_file(path, "+ set -e\nhello\n\xe2\x82\xac\xf0\x9f\x9a\xa2\n\xff\xc3\n\nno line end");
    }

    LogPage read(std::string_view last_seen) { return reader_.read(run_, last_seen); }

private:
    test::TemporaryFolder folder_;
    FileLogReader reader_{folder_.path()};
    flotilla::Run run_ =
        test::sample_run("0b9c6a70-0000-4000-8000-000000000000", test::sample_definition("a"));
};

}  // namespace

void log_token(std::string_view input) {
    static EndedRun run;
    is_taken([&] {
        const LogPage page = run.read(input);
        require(!page.last_seen.empty(), "every page has a token");
        const LogPage after = run.read(page.last_seen);
        require(after.text.empty() && after.last_seen == page.last_seen, "a token at the end stays");
    });
}

}  // namespace flotilla::fuzz

#pragma once

#include "store/migrations.hpp"
#include "store/sql_definition_store.hpp"
#include "store/sql_run_store.hpp"
#include "store/sqlite/sqlite_database.hpp"
#include "support/sample_runs.hpp"
#include "support/temporary_folder.hpp"

namespace flotilla::fuzz {

/// A database with a few rows, which targets only read.
class Stores {
public:
    Stores() {
        migrate(database_);
        int number = 0;
        for (const char* alias : {"a", "b%_", "c'--", "d|e"}) {
            Definition definition = test::sample_definition(alias);
            definition.group_name = alias[0] < 'c' ? "one" : "two";
            definition.tags = {"t", alias};
            definition.env = {{"NAME", alias}, {"", "x|y"}};
            definition.labels = {{"team", alias}, {"", "\""}};
            definitions.insert(definition);
            for (const char* suffix : {"1", "2"}) {
                flotilla::Run run = test::sample_run(std::string(alias) + suffix, definition);
                run.env = definition.env;
                run.labels = definition.labels;
                run.queued_at += std::chrono::seconds(++number / 3);
                if (number % 2 == 0) {
                    run.attempt.started_at = run.queued_at;
                }
                runs.insert(run);
            }
        }
    }

private:
    test::TemporaryFolder folder_;
    SqliteDatabase database_{folder_.path() / "fuzz.db"};

public:
    SqlDefinitionStore definitions{database_};
    SqlRunStore runs{database_};
};

}  // namespace flotilla::fuzz

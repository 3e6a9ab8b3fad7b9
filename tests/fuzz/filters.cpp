#include <algorithm>

#include "api/target.hpp"
#include "core/list_query.hpp"
#include "fuzz_target.hpp"
#include "store/migrations.hpp"
#include "store/sql_definition_store.hpp"
#include "store/sql_run_store.hpp"
#include "store/sqlite/sqlite_database.hpp"
#include "support/sample_runs.hpp"
#include "support/temporary_folder.hpp"

namespace flotilla::fuzz {

namespace {

/// A database with a few rows, which nothing may change.
class Stores {
public:
    Stores() {
        migrate(database_);
        for (const char* alias : {"a", "b%_", "c'--", "d|e"}) {
            Definition definition = test::sample_definition(alias);
            definition.group_name = alias[0] < 'c' ? "one" : "two";
            definition.tags = {"t", alias};
            definition.env = {{"NAME", alias}, {"", "x|y"}};
            definitions.insert(definition);
            for (const char* suffix : {"1", "2"}) {
                flotilla::Run run = test::sample_run(std::string(alias) + suffix, definition);
                run.env = definition.env;
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

const std::string& id_of(const Definition& definition) {
    return definition.id.value;
}
const std::string& id_of(const flotilla::Run& run) {
    return run.id.value;
}
const std::string& id_of(const std::string& name) {
    return name;
}

/// Asks for the page and for all that match: the first is a part of the second.
template <typename Query, typename List>
void check_page(const Query& query, List list) {
    Query all = query;
    all.limit = most_list_limit;
    all.offset = 0;
    const auto page = list(query);
    const auto whole = list(all);
    require(page.total == whole.total && whole.items.size() == static_cast<std::size_t>(whole.total),
            "the total is that of all");
    const auto begin = static_cast<std::size_t>(std::min(query.offset, whole.total));
    const auto length = std::min(static_cast<std::size_t>(query.limit), whole.items.size() - begin);
    require(page.items.size() == length, "a page has what there is within its limit");
    for (std::size_t i = 0; i < length; ++i) {
        require(id_of(page.items[i]) == id_of(whole.items[begin + i]), "a page is a cut of the whole list");
    }
}

}  // namespace

void filters(std::string_view input) {
    static Stores stores;
    const auto list = take_byte(input) % 4;
    is_taken([&] {
        const QueryParameters parameters = parse_target("/?" + std::string(input)).query;
        switch (list) {
            case 0:
                check_page(parse_list_query(parameters, definition_fields()),
                           [&](const ListQuery& query) { return stores.definitions.list(query); });
                break;
            case 1:
                check_page(parse_list_query(parameters, run_fields()),
                           [&](const ListQuery& query) { return stores.runs.list(query); });
                break;
            case 2:
                check_page(parse_name_query(parameters),
                           [&](const NameQuery& query) { return stores.definitions.groups(query); });
                break;
            default:
                check_page(parse_name_query(parameters),
                           [&](const NameQuery& query) { return stores.definitions.tags(query); });
        }
    });
}

}  // namespace flotilla::fuzz

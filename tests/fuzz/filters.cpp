#include <algorithm>

#include "api/target.hpp"
#include "core/list_query.hpp"
#include "fuzz_target.hpp"
#include "stores.hpp"

namespace flotilla::fuzz {

namespace {

const std::string& id_of(const Definition& definition) {
    return definition.id.value;
}
const std::string& id_of(const flotilla::Run& run) {
    return run.id.value;
}
const std::string& id_of(const std::string& name) {
    return name;
}

template <typename Item>
std::vector<std::string> ids_of(const std::vector<Item>& items) {
    std::vector<std::string> ids;
    std::transform(items.begin(), items.end(), std::back_inserter(ids),
                   [](const Item& item) { return id_of(item); });
    return ids;
}

/// Asks for the page and for all that match: the first is a cut of the second.
template <typename Query, typename List>
void check_page(const Query& query, List list) {
    Query all = query;
    all.limit = most_list_limit;
    all.offset = 0;
    const auto page = list(query);
    const auto whole = list(all);
    require(page.total == whole.total, "the total is that of all");
    const auto ids = ids_of(whole.items);
    const auto begin = ids.begin() + std::min(query.offset, static_cast<std::int64_t>(whole.items.size()));
    const auto end = begin + std::min(query.limit, static_cast<std::int64_t>(ids.end() - begin));
    require(ids_of(page.items) == std::vector<std::string>(begin, end), "a page is a cut of the whole list");
}

/// From page to page by cursors: every run comes once, in order.
void check_cursors(ListQuery query, RunStore& runs) {
    query.offset = 0;
    query.after.reset();
    query.limit = most_list_limit;
    const auto whole = ids_of(runs.list(query).items);
    std::vector<std::string> walked;
    query.limit = 3;
    for (;;) {
        const auto page = runs.list(query);
        for (const flotilla::Run& run : page.items) {
            walked.push_back(run.id.value);
        }
        require(walked.size() <= whole.size(), "the pages come to an end");
        if (page.next.empty()) {
            break;
        }
        query.after = parse_cursor(page.next, query);
    }
    require(walked == whole, "cursors lead through the whole list");
}

}  // namespace

void filters(std::string_view input) {
    static Stores stores;
    const auto list = take_byte(input) % 4;
    is_taken([&] {
        const QueryParameters parameters = parse_target("/?" + std::string(input)).query;
        if (list == 0) {
            check_page(parse_list_query(parameters, definition_fields()),
                       [&](const ListQuery& query) { return stores.definitions.list(query); });
        } else if (list == 1) {
            const ListQuery of_runs = parse_list_query(parameters, run_fields());
            check_page(of_runs, [&](const ListQuery& query) { return stores.runs.list(query); });
            check_cursors(of_runs, stores.runs);
        } else {
            check_page(parse_name_query(parameters), [&](const NameQuery& query) {
                return list == 2 ? stores.definitions.groups(query) : stores.definitions.tags(query);
            });
        }
    });
}

}  // namespace flotilla::fuzz

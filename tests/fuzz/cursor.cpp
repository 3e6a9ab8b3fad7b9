#include "core/list_query.hpp"
#include "fuzz_target.hpp"
#include "stores.hpp"

namespace flotilla::fuzz {

void cursor(std::string_view input) {
    static Stores stores;
    const auto way = take_byte(input);
    ListQuery query;
    query.sort_by = &run_fields()[way % run_fields().size()];
    query.descending = way >= 128;
    if (!query.sort_by->sortable) {
        return;
    }
    is_taken([&] {
        const ListPosition position = parse_cursor(input, query);
        require(parse_cursor(cursor_text(query, position), query) == position, "print and parse agree");
        query.after = position;
        const auto page = stores.runs.list(query);
        require(page.items.size() <= static_cast<std::size_t>(page.total), "a cursor adds nothing");
    });
}

}  // namespace flotilla::fuzz

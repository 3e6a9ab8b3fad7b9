#include "queue/places.hpp"

#include "store/json_columns.hpp"
#include "store/sql_values.hpp"

namespace flotilla {

Place place_in(const SqlRow& row) {
    return {.queued_at = time_from(row, 6),
            .run = {.id = {row.text(0)},
                    .needs = {.memory = row.integer(1),
                              .cpu = optional_integer(row, 2),
                              .gpu = optional_integer(row, 3),
                              .ports = ports_from_column(row.text(4))},
                    .passed_since = optional_time(row, 5),
                    .revision = {{row.text(7)}, row.text(8)}}};
}

}  // namespace flotilla

#pragma once

#include <cstddef>

#include "core/definition.hpp"
#include "core/run.hpp"

namespace flotilla {

/// Counts the text of a page, so that one request cannot fill the memory: rows may be large.
class PageSize {
public:
    /// Throws `invalid` if the page is more than 64 MiB with it. Its tags do not count.
    void add(const Definition& definition);
    void add(const Run& run);

private:
    void add(std::size_t bytes);

    std::size_t bytes_ = 0;
};

}  // namespace flotilla

#pragma once

#include <cstddef>
#include <string>

#include "core/definition.hpp"
#include "core/run.hpp"

namespace flotilla {

/// Counts the text of a page, so that one request cannot fill the memory: rows may be large. Each function
/// throws `invalid` if the page is more than 64 MiB with what it adds.
class PageSize {
public:
    /// Without its tags, which are read apart.
    void add(const Definition& definition);
    void add_tag(const std::string& tag);
    /// Without its earlier attempts, which are read apart.
    void add(const Run& run);
    void add(const Attempt& attempt);

private:
    void add(std::size_t bytes);

    std::size_t bytes_ = 0;
};

}  // namespace flotilla

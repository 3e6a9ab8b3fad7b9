#pragma once

#include <string>
#include <vector>

namespace flotilla {

enum class Colour { none, green, red, yellow, blue };

/// The text in a colour, for a terminal; as it is where `wanted` is false.
[[nodiscard]] std::string coloured(const std::string& text, Colour colour, bool wanted);

/// The colour of a run's status: green for a success, red for a failure, others while it lives.
[[nodiscard]] Colour status_colour(const std::string& status, bool succeeded);

/// One field of a table.
struct Cell {
    std::string text;  ///< what could steer a terminal is made harmless
    Colour colour = Colour::none;
};

/// A table for people: a header, aligned columns with two blanks between.
class Table {
public:
    explicit Table(std::vector<std::string> header);
    /// As many cells as the header has.
    void add(std::vector<Cell> row);
    [[nodiscard]] std::string text(bool colour) const;

private:
    std::vector<std::vector<Cell>> rows_;
};

}  // namespace flotilla

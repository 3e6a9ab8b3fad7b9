#include "cli/table.hpp"

#include <algorithm>
#include <stdexcept>
#include <string_view>

#include <fmt/format.h>

#include "cli/text.hpp"

namespace flotilla {

namespace {

/// Characters, not bytes, of UTF-8.
std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace

std::string coloured(const std::string& text, Colour colour, bool wanted) {
    if (!wanted || text.empty()) {
        return text;
    }
    switch (colour) {
        case Colour::none:
            return text;
        case Colour::red:
            return "\033[31m" + text + "\033[0m";
        case Colour::green:
            return "\033[32m" + text + "\033[0m";
        case Colour::yellow:
            return "\033[33m" + text + "\033[0m";
        case Colour::blue:
            return "\033[34m" + text + "\033[0m";
    }
    return text;
}

Colour status_colour(const std::string& status, bool succeeded) {
    if (status == "STOPPED") {
        return succeeded ? Colour::green : Colour::red;
    }
    return status == "RUNNING" ? Colour::blue : Colour::yellow;
}

Table::Table(std::vector<std::string> header) {
    auto& row = rows_.emplace_back();
    for (auto& name : header) {
        row.push_back({.text = std::move(name)});
    }
}

void Table::add(std::vector<Cell> row) {
    if (row.size() != rows_.front().size()) {
        throw std::logic_error("a table's row has to have a cell for each column");
    }
    for (auto& cell : row) {
        cell.text = one_line(cell.text);
    }
    rows_.push_back(std::move(row));
}

std::string Table::text(bool colour) const {
    std::vector<std::size_t> widths(rows_.front().size());
    for (const auto& row : rows_) {
        for (std::size_t column = 0; column < row.size(); ++column) {
            widths[column] = std::max(widths[column], width_of(row[column].text));
        }
    }
    std::string text;
    for (const auto& row : rows_) {
        for (std::size_t column = 0; column < row.size(); ++column) {
            const auto& cell = row[column];
            text += coloured(cell.text, cell.colour, colour);
            if (column + 1 < row.size()) {
                text.append(widths[column] - width_of(cell.text) + 2, ' ');
            }
        }
        text += '\n';
    }
    return text;
}

}  // namespace flotilla

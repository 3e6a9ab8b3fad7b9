#include "config/codec.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include <arpa/inet.h>
#include <fmt/ranges.h>

#include "base/letter_case.hpp"
#include "base/time_text.hpp"

namespace flotilla::settings {

namespace {

template <typename Number>
std::optional<Number> number_from(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return number;
}

struct SizeUnit {
    std::string_view name;
    std::int64_t bytes;
};
constexpr std::array size_units{SizeUnit{"TiB", 1LL << 40},
                                SizeUnit{"GiB", 1LL << 30},
                                SizeUnit{"MiB", 1LL << 20},
                                SizeUnit{"KiB", 1LL << 10},
                                SizeUnit{"TB", 1'000'000'000'000},
                                SizeUnit{"GB", 1'000'000'000},
                                SizeUnit{"MB", 1'000'000},
                                SizeUnit{"kB", 1'000},
                                SizeUnit{"B", 1}};

std::optional<ByteSize> size_from(std::string_view text) {
    const auto digits_end = text.find_first_not_of("0123456789.");
    const auto amount = number_from<double>(text.substr(0, digits_end));
    std::int64_t unit_bytes = 1;
    if (digits_end != std::string_view::npos) {
        auto unit_name = text.substr(digits_end);
        unit_name.remove_prefix(std::min(unit_name.find_first_not_of(' '), unit_name.size()));
        const auto* const unit = std::ranges::find(size_units, unit_name, &SizeUnit::name);
        if (unit == size_units.end()) {
            return std::nullopt;
        }
        unit_bytes = unit->bytes;
    }
    constexpr double most_bytes = 1e18;
    if (!amount || *amount * static_cast<double>(unit_bytes) > most_bytes) {
        return std::nullopt;
    }
    return ByteSize{std::llround(*amount * static_cast<double>(unit_bytes))};
}

bool is_host(const std::string& host) {
    if (host.find_first_not_of("0123456789.") == std::string::npos && !host.empty()) {
        in_addr parsed{};
        return ::inet_pton(AF_INET, host.c_str(), &parsed) == 1;
    }
    return std::ranges::all_of(host, [](unsigned char letter) {
        return std::isalnum(letter) != 0 || letter == '.' || letter == '-' || letter == '_';
    });
}

std::optional<ListenAddress> address_from(const std::string& text) {
    const auto colon = text.rfind(':');
    if (colon == std::string::npos) {
        return std::nullopt;
    }
    ListenAddress address;
    address.host = text.substr(0, colon);
    if (address.host.starts_with('[') && address.host.ends_with(']')) {
        address.host = address.host.substr(1, address.host.size() - 2);
        in6_addr parsed{};
        if (::inet_pton(AF_INET6, address.host.c_str(), &parsed) != 1) {
            return std::nullopt;
        }
    } else if (!is_host(address.host)) {
        return std::nullopt;
    }
    const auto port = number_from<std::uint16_t>(std::string_view{text}.substr(colon + 1));
    if (!port) {
        return std::nullopt;
    }
    address.port = *port;
    return address;
}

/// Puts what `parse` makes of a text into `target`; false if it is no text or nothing comes of it.
template <typename T, typename Parse>
bool read_text(const Value& value, T& target, Parse parse) {
    if (value.text() == nullptr) {
        return false;
    }
    auto parsed = parse(*value.text());
    if (!parsed) {
        return false;
    }
    target = std::move(*parsed);
    return true;
}

}  // namespace

bool Codec<std::string>::read(const Value& value, std::string& target, const std::string& /*name*/,
                              Report& /*report*/) {
    return read_text(value, target, [](const std::string& text) -> std::optional<std::string> {
        const bool is_printable =
            std::ranges::none_of(text, [](unsigned char letter) { return letter < 0x20 || letter == 0x7f; });
        return is_printable ? std::optional{text} : std::nullopt;
    });
}

std::string Codec<std::string>::yaml(const std::string& value) {
    return yaml_text(value);
}

bool Codec<std::filesystem::path>::read(const Value& value, std::filesystem::path& target,
                                        const std::string& name, Report& report) {
    std::string text;
    if (!Codec<std::string>::read(value, text, name, report) || text.empty()) {
        return false;
    }
    target = text;
    return true;
}

std::string Codec<std::filesystem::path>::yaml(const std::filesystem::path& value) {
    return yaml_text(value.string());
}

bool Codec<bool>::read(const Value& value, bool& target, const std::string& /*name*/, Report& /*report*/) {
    return read_text(value, target, [](const std::string& text) -> std::optional<bool> {
        const std::string word = in_lower_case(text);
        if (word == "true" || word == "yes" || word == "1") {
            return true;
        }
        if (word == "false" || word == "no" || word == "0") {
            return false;
        }
        return std::nullopt;
    });
}

std::string Codec<bool>::yaml(const bool& value) {
    return value ? "true" : "false";
}

bool Codec<std::int64_t>::read(const Value& value, std::int64_t& target, const std::string& /*name*/,
                               Report& /*report*/) {
    return read_text(value, target, number_from<std::int64_t>);
}

std::string Codec<std::int64_t>::yaml(const std::int64_t& value) {
    return std::to_string(value);
}

bool Codec<std::chrono::seconds>::read(const Value& value, std::chrono::seconds& target,
                                       const std::string& /*name*/, Report& /*report*/) {
    return read_text(value, target, [](const std::string& text) -> std::optional<std::chrono::seconds> {
        const auto number = number_from<std::int32_t>(text);
        return number ? std::optional{std::chrono::seconds{*number}} : std::nullopt;
    });
}

std::string Codec<std::chrono::seconds>::yaml(const std::chrono::seconds& value) {
    return std::to_string(value.count());
}

bool Codec<std::chrono::milliseconds>::read(const Value& value, std::chrono::milliseconds& target,
                                            const std::string& /*name*/, Report& /*report*/) {
    return read_text(value, target, [](const std::string& text) -> std::optional<std::chrono::milliseconds> {
        const auto duration = parse_duration(text);
        return duration ? std::optional{std::chrono::round<std::chrono::milliseconds>(*duration)}
                        : std::nullopt;
    });
}

std::string Codec<std::chrono::milliseconds>::yaml(const std::chrono::milliseconds& value) {
    return duration_text(value);
}

bool Codec<ByteSize>::read(const Value& value, ByteSize& target, const std::string& /*name*/,
                           Report& /*report*/) {
    return read_text(value, target, [](const std::string& text) { return size_from(text); });
}

std::string Codec<ByteSize>::yaml(const ByteSize& value) {
    for (const SizeUnit& unit : size_units) {
        if (value.bytes >= unit.bytes && value.bytes % unit.bytes == 0) {
            return fmt::format("{}{}", value.bytes / unit.bytes, unit.name);
        }
    }
    return "0";
}

bool Codec<ListenAddress>::read(const Value& value, ListenAddress& target, const std::string& /*name*/,
                                Report& /*report*/) {
    return read_text(value, target, address_from);
}

std::string Codec<ListenAddress>::yaml(const ListenAddress& value) {
    return yaml_text(value.text());
}

bool Codec<std::vector<std::string>>::read(const Value& value, std::vector<std::string>& target,
                                           const std::string& /*name*/, Report& /*report*/) {
    std::vector<std::string> items;
    if (const std::string* text = value.text()) {
        for (std::size_t at = 0; (at = text->find_first_not_of(" ,\t\n", at)) != std::string::npos;) {
            const auto end = std::min(text->find_first_of(" ,\t\n", at), text->size());
            items.push_back(text->substr(at, end - at));
            at = end;
        }
    } else if (const ValueList* list = value.list()) {
        for (const Value& item : *list) {
            if (item.text() == nullptr) {
                return false;
            }
            items.push_back(*item.text());
        }
    } else {
        return false;
    }
    target = std::move(items);
    return true;
}

std::string Codec<std::vector<std::string>>::yaml(const std::vector<std::string>& value) {
    std::vector<std::string> items;
    std::ranges::transform(value, std::back_inserter(items),
                           [](const auto& item) { return yaml_text(item); });
    return fmt::format("[{}]", fmt::join(items, ", "));
}

}  // namespace flotilla::settings

#include "engine/local/launcher/users.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace flotilla::launcher {

namespace {

using Fields = std::vector<std::string_view>;

Fields split(std::string_view text, char separator) {
    Fields fields;
    for (;;) {
        const auto end = text.find(separator);
        fields.push_back(text.substr(0, end));
        if (end == std::string_view::npos) {
            return fields;
        }
        text.remove_prefix(end + 1);
    }
}

/// The largest id is reserved: it means "no change" to the kernel.
std::optional<unsigned> parse_id(std::string_view text) {
    unsigned id = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), id);
    if (text.empty() || result.ec != std::errc{} || result.ptr != text.data() + text.size() || id + 1 == 0) {
        return std::nullopt;
    }
    return id;
}

/// The first line of a passwd or group text, in fields, with the given name or, where there is none, id.
std::optional<Fields> find_entry(std::string_view text, std::string_view name, std::size_t fields_expected) {
    const auto id = parse_id(name);
    std::optional<Fields> by_id;
    for (const std::string_view line : split(text, '\n')) {
        Fields fields = split(line, ':');
        if (fields.size() < fields_expected || fields[0].empty()) {
            continue;
        }
        if (fields[0] == name) {
            return fields;
        }
        if (id && !by_id && parse_id(fields[2]) == id) {
            by_id = std::move(fields);
        }
    }
    return by_id;
}

constexpr std::size_t passwd_fields = 6;  // name, password, uid, gid, comment, home
constexpr std::size_t group_fields = 4;   // name, password, gid, members

std::vector<gid_t> groups_with_member(std::string_view group, std::string_view name) {
    std::vector<gid_t> ids;
    for (const std::string_view line : split(group, '\n')) {
        const Fields fields = split(line, ':');
        if (fields.size() < group_fields) {
            continue;
        }
        const Fields members = split(fields[3], ',');
        const auto id = parse_id(fields[2]);
        if (id && std::find(members.begin(), members.end(), name) != members.end()) {
            ids.push_back(*id);
        }
    }
    return ids;
}

}  // namespace

std::variant<UserIdentity, std::string> find_user(std::string_view user, std::string_view passwd,
                                                  std::string_view group) {
    const auto colon = user.find(':');
    const std::string_view user_name = user.empty() || colon == 0 ? "0" : user.substr(0, colon);
    const std::string_view group_name = colon == std::string_view::npos ? "" : user.substr(colon + 1);

    UserIdentity identity;
    const auto entry = find_entry(passwd, user_name, passwd_fields);
    const auto uid = parse_id(entry ? (*entry)[2] : user_name);
    const auto gid = entry ? parse_id((*entry)[3]) : gid_t{0};
    if (!uid || !gid) {
        return "the user \"" + std::string(user_name) + "\" is not in the image's /etc/passwd";
    }
    identity.uid = *uid;
    identity.gid = *gid;
    if (entry) {
        identity.groups = groups_with_member(group, (*entry)[0]);
        if (!(*entry)[5].empty()) {
            identity.home = (*entry)[5];
        }
    }
    if (!group_name.empty()) {
        const auto group_entry = find_entry(group, group_name, group_fields - 1);
        const auto named = parse_id(group_entry ? (*group_entry)[2] : group_name);
        if (!named) {
            return "the group \"" + std::string(group_name) + "\" is not in the image's /etc/group";
        }
        identity.gid = *named;
        identity.groups.clear();
    }
    return identity;
}

}  // namespace flotilla::launcher

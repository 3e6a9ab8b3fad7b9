#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <sys/types.h>

namespace flotilla::launcher {

/// Who a job runs as.
struct UserIdentity {
    uid_t uid = 0;
    gid_t gid = 0;
    std::vector<gid_t> groups;  ///< supplementary
    std::string home = "/";
};

/// Says who `user` (`name`, `uid`, `name:group`, `uid:gid`; empty: root) is by the image's own /etc/passwd
/// and /etc/group, given as texts. As Docker does it: a number needs no entry (its group is then 0), and a
/// group that is named replaces the supplementary groups. The string is a sentence that says what is unknown.
[[nodiscard]] std::variant<UserIdentity, std::string> find_user(std::string_view user,
                                                                std::string_view passwd,
                                                                std::string_view group);

}  // namespace flotilla::launcher

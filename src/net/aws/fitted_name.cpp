#include "net/aws/fitted_name.hpp"

#include "base/crypto.hpp"

namespace flotilla::aws {

std::string fitted_name(const std::string& name, std::size_t most) {
    constexpr std::size_t digits = 16;
    if (name.size() <= most) {
        return name;
    }
    const std::string digest = sha256_of(name);
    return name.substr(0, most - digits - 1) + "-" + digest.substr(digest.find(':') + 1, digits);
}

}  // namespace flotilla::aws

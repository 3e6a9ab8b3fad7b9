// flotilla_config_docs markdown|yaml: prints docs/configuration.md or conf/config.yml.
#include <iostream>
#include <string_view>

#include "config/document.hpp"

int main(int count, char** arguments) {
    const std::string_view what = count == 2 ? arguments[1] : "";
    if (what == "markdown") {
        std::cout << flotilla::configuration_markdown();
    } else if (what == "yaml") {
        std::cout << flotilla::default_config_yaml();
    } else {
        std::cerr << "usage: flotilla_config_docs markdown|yaml\n";
        return 2;
    }
    return std::cout.flush() ? 0 : 1;
}

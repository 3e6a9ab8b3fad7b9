#include <ostream>
#include <string>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/overloaded.hpp"
#include "cli/command.hpp"
#include "cli/image_options.hpp"

namespace flotilla {

namespace {

class ImagePullCommand final : public Command {
public:
    void declare(Arguments& arguments) override {
        arguments.positional("NAME", name_, "The image, such as debian:12 or quay.io/team/tool:1.0");
        image_.declare(arguments);
    }

    int execute(Surroundings& surroundings) override {
        const auto name = image_named(name_);
        auto store = image_.open();
        surroundings.err << fmt::format("pulling {} from {}\n", name.familiar(), name.registry) << std::flush;
        const auto stored = std::visit(
            Overloaded{
                [](StoredImage image) { return image; },
                [](const PullDenied& denied) -> StoredImage { throw not_found("{}", denied.reason); },
                [](const PullFailed& failed) -> StoredImage { throw unavailable("{}", failed.reason); },
            },
            store.pull(name));
        surroundings.out << fmt::format("pulled {} {}\n", name.familiar(), stored.digest);
        return 0;
    }

private:
    std::string name_;
    ImageOptions image_;
};

}  // namespace

std::unique_ptr<Command> make_image_pull_command() {
    return std::make_unique<ImagePullCommand>();
}

}  // namespace flotilla

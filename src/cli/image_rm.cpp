#include <ostream>
#include <string>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/image_options.hpp"

namespace flotilla {

namespace {

class ImageRmCommand final : public Command {
public:
    void declare(Arguments& arguments) override {
        arguments.positional("NAME", name_, "The name of the image");
        image_.declare(arguments);
    }

    int execute(Surroundings& surroundings) override {
        const auto name = image_named(name_);
        image_.open().remove(name);
        surroundings.out << fmt::format("removed {}\n", name.familiar());
        return 0;
    }

private:
    std::string name_;
    ImageOptions image_;
};

}  // namespace

std::unique_ptr<Command> make_image_rm_command() {
    return std::make_unique<ImageRmCommand>();
}

}  // namespace flotilla

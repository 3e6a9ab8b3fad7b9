#include <filesystem>
#include <ostream>
#include <string>

#include <fmt/format.h>

#include "base/error.hpp"
#include "cli/command.hpp"
#include "cli/image_options.hpp"

namespace flotilla {

namespace {

class ImageImportCommand final : public Command {
public:
    void declare(Arguments& arguments) override {
        arguments.positional("NAME", name_, "The name that it gets, such as debian:12");
        arguments.positional("PATH", path_, "A folder or a tar archive");
        image_.declare(arguments);
    }

    int execute(Surroundings& surroundings) override {
        const auto name = image_named(name_);
        if (!std::filesystem::exists(path_)) {
            throw not_found("there is no {}; give the path of a folder or of a tar archive", path_);
        }
        const auto stored = image_.open().import(name, path_);
        surroundings.out << fmt::format("imported {} {}\n", name.familiar(), stored.digest);
        return 0;
    }

private:
    std::string name_;
    std::string path_;
    ImageOptions image_;
};

}  // namespace

std::unique_ptr<Command> make_image_import_command() {
    return std::make_unique<ImageImportCommand>();
}

}  // namespace flotilla

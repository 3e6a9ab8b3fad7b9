#include <algorithm>
#include <chrono>
#include <cstdint>
#include <future>
#include <ostream>
#include <string>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/overloaded.hpp"
#include "cli/command.hpp"
#include "cli/image_options.hpp"

namespace flotilla {

namespace {

/// Pulls, and tells how far it is, at each tenth.
PullOutcome pull(ImageStore& store, const ImageReference& name, std::ostream& err) {
    constexpr std::chrono::milliseconds interval{200};
    auto pulled = std::async(std::launch::async, [&] { return store.pull(name); });
    std::int64_t told = 0;  // tenths
    bool is_unpacking = false;
    while (pulled.wait_for(interval) != std::future_status::ready) {
        const auto progress = store.progress(name).value_or(FetchProgress{});
        const auto tenth = progress.size == 0 ? 0 : progress.done * 10 / progress.size;
        if (tenth > told || (progress.is_fetched && !is_unpacking)) {
            err << fmt::format("{}: {}\n", name.familiar(), to_text(progress)) << std::flush;
        }
        told = std::max(told, tenth);
        is_unpacking = progress.is_fetched;
    }
    return pulled.get();
}

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
            pull(store, name, surroundings.err));
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

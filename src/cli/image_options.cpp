#include "cli/image_options.hpp"

#include "app/images.hpp"
#include "base/error.hpp"

namespace flotilla {

void ImageOptions::declare(Arguments& arguments) {
    arguments.option("--config", "DIR", config, "The folder of the configuration that names the data folder");
}

ImageStore ImageOptions::open() const {
    return open_image_store(config);
}

ImageReference image_named(const std::string& text) {
    auto reference = parse_image_reference(text);
    if (!reference) {
        throw invalid("[{}] is not the name of an image; it looks like debian:12 or quay.io/team/tool:1.0",
                      text);
    }
    return std::move(*reference);
}

}  // namespace flotilla

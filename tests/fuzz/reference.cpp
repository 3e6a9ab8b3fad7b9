#include "image/reference.hpp"

#include "fuzz_target.hpp"

namespace flotilla::fuzz {

void reference(std::string_view input) {
    const auto parsed = parse_image_reference(input);
    if (!parsed) {
        return;
    }
    require(parse_image_reference(parsed->text()) == parsed, "the full text means the same image");
    require(parse_image_reference(parsed->familiar()) == parsed, "the familiar text means the same image");
    require(!parsed->tag.empty() || !parsed->digest.empty(), "something says which image");
    require(parsed->repository.find("..") == std::string::npos, "no path leads out of the registry");
    require(!parsed->text().starts_with('-'), "nothing passes for an option of a program");
}

}  // namespace flotilla::fuzz

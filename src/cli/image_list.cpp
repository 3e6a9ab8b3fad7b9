#include <ostream>
#include <string>

#include <boost/json.hpp>

#include "base/time_text.hpp"
#include "cli/command.hpp"
#include "cli/image_options.hpp"
#include "cli/server_options.hpp"
#include "cli/table.hpp"
#include "cli/text.hpp"

namespace flotilla {

namespace {

class ImageListCommand final : public Command {
public:
    void declare(Arguments& arguments) override {
        declare_json(arguments, json_);
        image_.declare(arguments);
    }

    int execute(Surroundings& surroundings) override {
        const auto images = image_.open().list();
        if (json_) {
            surroundings.out << json_text(images) << '\n';
        } else {
            surroundings.out << table_text(images, surroundings);
        }
        return 0;
    }

private:
    /// `sha256:` and what tells images apart.
    static std::string short_digest(const std::string& digest) {
        constexpr std::size_t digits = 12;
        return digest.substr(0, std::string_view("sha256:").size() + digits);
    }

    static std::string table_text(const std::vector<ImageListing>& images, Surroundings& surroundings) {
        Table table({"NAME", "DIGEST", "SIZE", "ORIGIN", "AGE", "LAST USED"});
        const auto now = surroundings.clock.now();
        for (const auto& image : images) {
            table.add({{image.name.familiar()},
                       {short_digest(image.digest)},
                       {size_text(image.size)},
                       {std::string(to_string(image.origin))},
                       {age_text(image.created_at, now)},
                       {age_text(image.used_at, now)}});
        }
        return table.text(surroundings.colour);
    }

    static std::string json_text(const std::vector<ImageListing>& images) {
        boost::json::array list;
        for (const auto& image : images) {
            list.push_back({{"name", image.name.text()},
                            {"digest", image.digest},
                            {"size", image.size},
                            {"origin", to_string(image.origin)},
                            {"created_at", to_rfc3339(image.created_at)},
                            {"used_at", to_rfc3339(image.used_at)}});
        }
        return boost::json::serialize(boost::json::object{{"images", std::move(list)}});
    }

    bool json_ = false;
    ImageOptions image_;
};

}  // namespace

std::unique_ptr<Command> make_image_list_command() {
    return std::make_unique<ImageListCommand>();
}

}  // namespace flotilla

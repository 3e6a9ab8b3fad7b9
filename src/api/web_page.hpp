#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/static_content.hpp"

namespace flotilla {

/// The web page: one document for all of its views, and the files that it loads.
class WebPage {
public:
    /// Reads what ui/bundle.js made: lines `view PATTERN` and `file PATH TYPE SIZE GZIPPED_SIZE`, separated
    /// by tabs, an empty line, then the bytes of each file, as they are and compressed (0: not). The bundle
    /// outlives this object. Throws std::invalid_argument if it is none. `base_path`: where browsers find the
    /// page, with no slash at its end; empty: at `/`.
    explicit WebPage(std::string_view bundle, std::string_view base_path = {});

    /// The file, the document for a view, or, for a browser that goes to any other place, the document with
    /// status 404: it says that there is nothing. Nothing for whoever wants no page. `segments`: of the path.
    [[nodiscard]] std::optional<Response> answer(const std::vector<std::string>& segments,
                                                 const Request& request) const;

private:
    void move_document(std::string_view base_path);

    std::vector<std::vector<std::string>> views_;
    std::unique_ptr<const std::string> moved_document_;
    std::map<std::string, StaticContent> files_;  ///< by path
};

}  // namespace flotilla

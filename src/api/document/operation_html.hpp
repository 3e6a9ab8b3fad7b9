#pragma once

#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "api/document/schema_html.hpp"

namespace flotilla::document {

/// One method of one path. The objects are parts of the document.
struct Operation {
    std::string path;
    std::string method;  ///< upper case
    std::string id;
    std::string tag;
    std::string summary;
    const boost::json::object* path_item = nullptr;
    const boost::json::object* object = nullptr;
};

/// Every operation of a document, in its order.
[[nodiscard]] std::vector<Operation> operations_of(const boost::json::object& document);

/// What can be sent and what comes back.
[[nodiscard]] std::string operation_html(const Operation& operation, const References& references);

}  // namespace flotilla::document

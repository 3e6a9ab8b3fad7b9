// flotilla_api_document json|page|policy DOCUMENT STYLE: prints the OpenAPI document as JSON or as a page for
// people, or the policy under which the page works.
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>

#include <boost/json/serialize.hpp>

#include "api/document/page.hpp"
#include "api/document/yaml_json.hpp"

namespace {

std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string content((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (!file) {
        throw std::runtime_error("cannot read it");
    }
    return content;
}

void print(const std::string& what, const std::string& document_path, const std::string& style_path) {
    using namespace flotilla::document;
    const std::string style = content_of(style_path);
    if (what == "policy") {
        std::cout << page_policy(style);
        return;
    }
    const boost::json::value document = json_from_yaml(content_of(document_path));
    if (what == "json") {
        std::cout << document << '\n';
    } else if (what == "page") {
        std::cout << page_html(document.as_object(), style);
    } else {
        throw std::runtime_error("unknown form " + what);
    }
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 4) {
        std::cerr << "usage: flotilla_api_document json|page|policy DOCUMENT STYLE\n";
        return 2;
    }
    try {
        print(arguments[1], arguments[2], arguments[3]);
    } catch (const std::exception& error) {
        std::cerr << arguments[2] << ": " << error.what() << '\n';
        return 1;
    }
    return std::cout.flush() ? 0 : 1;
}

#include "api/document/page.hpp"

#include <gmock/gmock.h>

#include "api/document/yaml_json.hpp"

namespace flotilla::document {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string small = R"(
info: {title: A & B, version: '1.2', summary: Small., description: "First.\n\n## The form\n\n|a|b|\n|---|---|\n|1|<2>|\n"}
tags: [{name: things, description: What there is.}]
paths:
  /things/{id}:
    parameters:
      - {name: id, in: path, description: Its `id`., schema: {type: integer, minimum: 1}}
    put:
      operationId: change_thing
      tags: [things]
      summary: Change a thing
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Change'}, example: {size: 3}}}}
      responses:
        '200': {description: Done., content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
        '404': {$ref: '#/components/responses/Missing'}
components:
  responses:
    Missing: {description: There is none.}
  schemas:
    Thing: {type: object, description: It., properties: {size: {type: [integer, 'null'], maximum: 9, description: Metres.}, parts: {type: array, items: {type: object, properties: {name: {type: string}}}}}}
    Change: {allOf: [{$ref: '#/components/schemas/Thing'}, {required: [size]}]}
)";

std::string page(const std::string& yaml) {
    return page_html(json_from_yaml(yaml).as_object(), "p{}");
}

TEST(PageTest, ItShowsWhatCanBeSentAndWhatComesBack) {
    const std::string html = page(small);
    for (const char* part :
         {"<title>A &amp; B API</title>", "<style>p{}</style>", "<h2 id=\"the-form\">The form</h2>",
          "<th>a</th>", "<article id=\"change_thing\">",
          "<span class=\"method PUT\">PUT</span> <code>/things/{id}</code>",
          "<td>integer, 1 or more</td><td>Its <code>id</code>.</td>", "<a href=\"#schema-Change\">Change</a>",
          "&quot;size&quot;: 3", "<code>200</code> Done.", "<code>404</code></td><td>There is none.",
          "<article id=\"schema-Thing\">", "<td>list of object</td>", "<code>parts[].name</code>"}) {
        EXPECT_THAT(html, HasSubstr(part));
    }
    EXPECT_THAT(html, Not(HasSubstr("<2>")));
}

TEST(PageTest, AMemberThatOnePartDescribesAndAnotherRequiresIsBoth) {
    const std::string html = page(small);
    const std::string change = html.substr(html.find("schema-Change\">\n"));
    EXPECT_THAT(change, HasSubstr("<code>size</code> <span class=\"must\">always</span></td>"
                                  "<td>integer, at most 9</td><td>Metres.</td>"));
}

TEST(PageTest, AReferenceThatLeadsNowhereIsAMistake) {
    std::string broken = small;
    broken.replace(broken.find("responses/Missing"), 17, "responses/Nothing");
    EXPECT_THROW(static_cast<void>(page(broken)), std::runtime_error);
}

TEST(PageTest, ItsPolicyNamesTheStyleByItsHash) {
    EXPECT_EQ(page_policy(""),
              "default-src 'none'; style-src 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; "
              "base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
}

}  // namespace
}  // namespace flotilla::document

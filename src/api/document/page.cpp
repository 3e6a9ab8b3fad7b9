#include "api/document/page.hpp"

#include <array>
#include <stdexcept>

#include <boost/json/array.hpp>
#include <fmt/format.h>
#include <openssl/evp.h>

#include "api/document/markdown.hpp"
#include "api/document/operation_html.hpp"
#include "api/document/schema_html.hpp"

namespace flotilla::document {

namespace json = boost::json;

namespace {

/// The part before the first heading of the second level, and each such heading.
struct Section {
    std::string heading;
    std::string markdown;
};

std::vector<Section> sections_of(const std::string& markdown) {
    std::vector<Section> sections{{}};
    for (std::size_t begin = 0; begin < markdown.size();) {
        const std::size_t end = std::min(markdown.find('\n', begin), markdown.size());
        const std::string line = markdown.substr(begin, end - begin);
        if (line.starts_with("## ")) {
            sections.push_back({line.substr(3), {}});
        } else {
            sections.back().markdown += line + "\n";
        }
        begin = end + 1;
    }
    return sections;
}

struct Tag {
    std::string name;
    std::string description;
    std::vector<Operation> operations;
};

std::vector<Tag> tags_of(const json::object& document) {
    std::vector<Tag> tags;
    const auto operations = operations_of(document);
    for (const json::value& value : document.at("tags").as_array()) {
        Tag tag{text_of(value.as_object(), "name"), text_of(value.as_object(), "description"), {}};
        for (const Operation& operation : operations) {
            if (operation.tag == tag.name) {
                tag.operations.push_back(operation);
            }
        }
        tags.push_back(std::move(tag));
    }
    return tags;
}

std::string contents_html(const std::vector<Section>& sections, const std::vector<Tag>& tags) {
    std::string html = "<nav aria-label=\"Contents\">\n<ul>\n";
    for (const Section& section : sections) {
        if (!section.heading.empty()) {
            html += fmt::format("<li><a href=\"#{}\">{}</a></li>\n", anchor_of(section.heading),
                                escaped(section.heading));
        }
    }
    html += "</ul>\n";
    for (const Tag& tag : tags) {
        html += fmt::format("<h2><a href=\"#tag-{0}\">{0}</a></h2>\n<ul>\n", escaped(tag.name));
        for (const Operation& operation : tag.operations) {
            html +=
                fmt::format("<li><a href=\"#{}\">{}</a></li>\n", operation.id, escaped(operation.summary));
        }
        html += "</ul>\n";
    }
    return html + "<h2><a href=\"#schemas\">schemas</a></h2>\n</nav>\n";
}

std::string schemas_html(const json::object& document, const References& references) {
    std::string html = "<section id=\"schemas\">\n<h2>schemas</h2>\n";
    for (const auto& [key, value] : document.at("components").at("schemas").as_object()) {
        const json::object& schema = value.as_object();
        const std::string name = escaped(std::string_view(key.data(), key.size()));
        html += fmt::format("<article id=\"schema-{0}\">\n<h3>{0}</h3>\n", name);
        html += html_from_markdown(text_of(schema, "description"));
        const std::string members = members_html(schema, references);
        html += members.empty() ? "<p>" + type_html(schema) + "</p>\n" : members;
        if (const auto* example = schema.if_contains("example")) {
            html += example_html(*example);
        }
        html += "</article>\n";
    }
    return html + "</section>\n";
}

std::string head_html(const std::string& title, std::string_view style) {
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n<title>{} API</title>\n<style>{}</style>\n"
        "</head>\n",
        title, style);
}

}  // namespace

std::string page_html(const json::object& document, std::string_view style) {
    const References references(document);
    const json::object& info = document.at("info").as_object();
    const std::string title = escaped(text_of(info, "title"));
    const auto sections = sections_of(text_of(info, "description"));
    const auto tags = tags_of(document);
    std::string html = head_html(title, style);
    html += fmt::format(
        "<body>\n<header><span class=\"name\">{} API</span> <span class=\"version\">{}</span>"
        "<a href=\"openapi.json\">openapi.json</a></header>\n<div class=\"columns\">\n{}<main>\n"
        "<h1>{} API</h1>\n<p class=\"summary\">{}</p>\n",
        title, escaped(text_of(info, "version")), contents_html(sections, tags), title,
        html_from_line(text_of(info, "summary")));
    for (const Section& section : sections) {
        if (!section.heading.empty()) {
            html +=
                fmt::format("<h2 id=\"{}\">{}</h2>\n", anchor_of(section.heading), escaped(section.heading));
        }
        html += html_from_markdown(section.markdown);
    }
    for (const Tag& tag : tags) {
        html += fmt::format("<section id=\"tag-{0}\">\n<h2>{0}</h2>\n{1}", escaped(tag.name),
                            html_from_markdown(tag.description));
        for (const Operation& operation : tag.operations) {
            html += operation_html(operation, references);
        }
        html += "</section>\n";
    }
    return html + schemas_html(document, references) + "</main>\n</div>\n</body>\n</html>\n";
}

std::string page_policy(std::string_view style) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    if (EVP_Digest(style.data(), style.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
        throw std::runtime_error("cannot hash the style");
    }
    std::array<unsigned char, std::size_t{2} * EVP_MAX_MD_SIZE> text{};
    const int length = EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(size));
    return "default-src 'none'; style-src 'sha256-" + std::string(text.begin(), text.begin() + length) +
           "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
}

}  // namespace flotilla::document

#include "core/definition.hpp"
#include "fuzz_target.hpp"
#include "wire/answers.hpp"
#include "wire/request_body.hpp"

namespace flotilla::fuzz {

namespace {

/// What is answered for a definition can be sent to make the same one.
void read_new_definition(std::string_view input) {
    const DefinitionFields fields = new_definition_from_json(input);
    check_new(fields);
    Definition definition;
    assign(fields, definition);
    const std::string answer = definition_json(definition);
    Definition again;
    require(is_taken([&] {
                const DefinitionFields sent = new_definition_from_json(answer);
                check_new(sent);
                assign(sent, again);
            }),
            "an answer is taken as a request");
    require(definition_json(again) == answer, "print and parse agree");
}

void read_update(std::string_view input) {
    const DefinitionFields fields = definition_update_from_json(input);
    check_update(fields);
    Definition once;
    once.group_name = "group";
    assign(fields, once);
    Definition twice = once;
    assign(fields, twice);
    require(definition_json(once) == definition_json(twice), "an update twice is an update once");
}

}  // namespace

void body(std::string_view input) {
    switch (take_byte(input) % 4) {
        case 0:
            is_taken([&] { read_new_definition(input); });
            break;
        case 1:
            is_taken([&] { read_update(input); });
            break;
        case 2:
            is_taken([&] { static_cast<void>(execute_body_from_json(input)); });
            break;
        default:
            is_taken([&] { static_cast<void>(status_body_from_json(input)); });
    }
}

}  // namespace flotilla::fuzz

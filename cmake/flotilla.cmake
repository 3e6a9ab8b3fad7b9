# How every part of the project is built: one warning level, one way to declare a module.

# What every source is compiled with, also that of programs that sanitizers cannot be linked into.
add_library(flotilla_plain_options INTERFACE)
target_compile_features(flotilla_plain_options INTERFACE cxx_std_20)
target_include_directories(flotilla_plain_options INTERFACE "${PROJECT_SOURCE_DIR}/src")
target_compile_options(flotilla_plain_options INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual -Wcast-align -Wformat=2
  # The warnings that count are those of g++.
  $<$<CXX_COMPILER_ID:Clang>:-w>)

add_library(flotilla_options INTERFACE)
target_link_libraries(flotilla_options INTERFACE flotilla_plain_options)
target_compile_definitions(flotilla_options INTERFACE FLOTILLA_VERSION="${PROJECT_VERSION}")
if(FLOTILLA_CRASH_POINTS)
  target_compile_definitions(flotilla_options INTERFACE FLOTILLA_CRASH_POINTS)
endif()
if(FLOTILLA_SANITIZE)
  target_compile_options(flotilla_options INTERFACE
    "-fsanitize=${FLOTILLA_SANITIZE}" -fno-sanitize-recover=all -fno-omit-frame-pointer
    # Of warnings those of the builds without sanitizers count.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_link_options(flotilla_options INTERFACE "-fsanitize=${FLOTILLA_SANITIZE}")
endif()

# flotilla_module(NAME SOURCES file... DEPENDS target... [PRIVATE_DEPENDS target...])
# A module is a folder below src/ and a static library flotilla_NAME. Its link line says whom it
# may include; tools/check_layers.py checks that its includes agree.
function(flotilla_module name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;PRIVATE_DEPENDS" ${ARGN})
  add_library(flotilla_${name} STATIC ${arg_SOURCES})
  target_link_libraries(flotilla_${name}
    PUBLIC flotilla_options ${arg_DEPENDS}
    PRIVATE ${arg_PRIVATE_DEPENDS})
endfunction()

# flotilla_embed(TARGET SYMBOL FILE): carries FILE's bytes in TARGET as
# `extern const unsigned char SYMBOL[]` up to `SYMBOL_end`.
function(flotilla_embed target symbol file)
  set(assembly "${CMAKE_CURRENT_BINARY_DIR}/${symbol}.S")
  file(WRITE "${assembly}" "\
    .section .rodata, \"a\"
    .balign 16
    .global ${symbol}
${symbol}:
    .incbin \"${file}\"
    .global ${symbol}_end
${symbol}_end:
    .byte 0
    .section .note.GNU-stack, \"\", %progbits
")
  set_source_files_properties("${assembly}" PROPERTIES OBJECT_DEPENDS "${file}")
  target_sources(${target} PRIVATE "${assembly}")
endfunction()

# flotilla_test(NAME SOURCES file... DEPENDS target...)
# One GoogleTest program, registered with CTest.
function(flotilla_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
  target_link_libraries(${name} PRIVATE flotilla_options ${arg_DEPENDS} GTest::gmock GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name})
endfunction()

# All fuzzers, without tests and programs: ninja -C build/fuzz fuzzers
if(ENTENTE_FUZZ)
  add_custom_target(fuzzers)
endif()

# entente_fuzzer(NAME SOURCE): a libFuzzer program, and a test of 20,000 executions that begins with
# its minimised corpus in tests/corpora/NAME, if there is one.
function(entente_fuzzer name source)
  add_executable(${name} ${source})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  add_dependencies(fuzzers ${name})
  set(found ${CMAKE_BINARY_DIR}/corpora/${name})
  file(MAKE_DIRECTORY ${found})
  set(corpus ${PROJECT_SOURCE_DIR}/tests/corpora/${name})
  if(NOT EXISTS ${corpus})
    set(corpus)
  endif()
  add_test(NAME fuzz/${name}
    COMMAND ${name} -runs=20000 -max_len=4096 -rss_limit_mb=2048 ${found} ${corpus})
  set_tests_properties(fuzz/${name} PROPERTIES LABELS fuzz)
endfunction()

# entente_module(NAME wire DEPENDS base [LIBS sodium] [LABELS threads])
#
# Builds entente/NAME (its subfolders included) as a static library, and picks up its neighbours by
# suffix: *_test.cc into one test binary, each *_fuzz.cc into a fuzzer, *_bench.cc into
# bin/NAME_bench. A folder without sources yet is an empty library. LABELS are those of its tests:
# `threads` for the ones that the tsan preset runs.
function(entente_module)
  cmake_parse_arguments(M "" "NAME" "DEPENDS;LIBS;LABELS" ${ARGN})
  set(dir ${PROJECT_SOURCE_DIR}/entente/${M_NAME})
  file(GLOB_RECURSE all CONFIGURE_DEPENDS ${dir}/*.cc)
  set(sources ${all})
  list(FILTER sources EXCLUDE REGEX "_(test|bench|fuzz)\\.cc$")
  if(NOT sources)
    set(sources ${PROJECT_SOURCE_DIR}/cmake/empty.cc)
  endif()
  add_library(entente_${M_NAME} STATIC ${sources})
  target_include_directories(entente_${M_NAME} PUBLIC ${PROJECT_SOURCE_DIR})
  list(TRANSFORM M_DEPENDS PREPEND entente_)
  target_link_libraries(entente_${M_NAME} PUBLIC ${M_DEPENDS} PRIVATE ${M_LIBS})

  set(tests ${all})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  if(tests AND ENTENTE_TESTS)
    add_executable(${M_NAME}_tests ${tests})
    target_link_libraries(${M_NAME}_tests PRIVATE entente_${M_NAME} GTest::gmock_main ${M_LIBS})
    entente_discover(${M_NAME}_tests ${M_NAME} LABELS ${M_LABELS})
  endif()

  set(benches ${all})
  list(FILTER benches INCLUDE REGEX "_bench\\.cc$")
  find_package(benchmark QUIET)
  if(benches AND benchmark_FOUND AND NOT ENTENTE_SANITIZE)
    add_executable(${M_NAME}_bench EXCLUDE_FROM_ALL ${benches})
    target_link_libraries(${M_NAME}_bench
      PRIVATE entente_${M_NAME} benchmark::benchmark_main ${M_LIBS})
  endif()

  set(fuzzers ${all})
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cc$")
  if(ENTENTE_FUZZ)
    foreach(source IN LISTS fuzzers)
      get_filename_component(name ${source} NAME_WE)
      set(name ${M_NAME}_${name})
      entente_fuzzer(${name} ${source})
      target_link_libraries(${name} PRIVATE entente_${M_NAME})
    endforeach()
  endif()
endfunction()

# entente_discover(TARGET PREFIX [LABELS label]): its tests run from the source root.
function(entente_discover target prefix)
  cmake_parse_arguments(D "" "" "LABELS" ${ARGN})
  set(properties TIMEOUT 300)
  if(D_LABELS)
    list(APPEND properties LABELS ${D_LABELS})  # an empty value would shift the pairs
  endif()
  gtest_discover_tests(${target} TEST_PREFIX "${prefix}/" WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    DISCOVERY_MODE PRE_TEST PROPERTIES ${properties})
endfunction()

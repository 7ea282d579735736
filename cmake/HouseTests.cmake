# Architecture, style and documents are tests too; each command also works by hand, from the root.

# house_test(NAME COMMAND...): run from the source root; exit 77 means "not run here".
function(house_test name)
  add_test(NAME ${name} COMMAND ${ARGN} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300
    ENVIRONMENT PYTHONDONTWRITEBYTECODE=1)
endfunction()

house_test(locales ${Python3_EXECUTABLE} locales/check.py)
house_test(layers ${Python3_EXECUTABLE} scripts/check_layers.py .)
house_test(layer_table ${Python3_EXECUTABLE} scripts/layer_table.py .)
house_test(tidy_text ${Python3_EXECUTABLE} scripts/tidy.py .)
house_test(sim_link_lists ${Python3_EXECUTABLE} sim/link_lists.py ${CMAKE_BINARY_DIR})
house_test(sim_mutants ${Python3_EXECUTABLE} -m unittest discover -s sim/mutants)
house_test(third_party ${Python3_EXECUTABLE} scripts/third_party.py .)
house_test(format scripts/format --check)
house_test(scripts ${Python3_EXECUTABLE} -m unittest discover -s scripts/tests)
house_test(process_judges ${Python3_EXECUTABLE} -m unittest discover -s tests/process)
if(TARGET entente)
  house_test(readme ${Python3_EXECUTABLE} scripts/readme_test.py . $<TARGET_FILE:entente>)
else()
  house_test(readme ${Python3_EXECUTABLE} scripts/readme_test.py .)
endif()

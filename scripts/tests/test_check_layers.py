import unittest

from house_tree import CMAKE, LAYERS, TreeTest

import check_layers


class CheckLayers(TreeTest):
    def findings(self):
        return check_layers.Checker(self.root).check_tree()

    def refuses(self, name, line, message):
        self.write(name, line + "\n")
        self.assertRegex("\n".join(self.findings()), message)

    def accepts(self, name, line):
        self.write(name, line + "\n")
        self.assertEqual(self.findings(), [])

    def test_accepts_a_clean_tree(self):
        self.assertEqual(self.findings(), [])

    def test_accepts_what_the_line_allows(self):
        self.accepts("entente/store/a.cc", '#include "entente/wire/json.h"')

    def test_refuses_a_module_the_line_does_not_allow(self):
        self.refuses(
            "entente/wire/a.cc", '#include "entente/names/n.h"', "wire/a.cc:1: wire may not.*names"
        )

    def test_refuses_an_upward_include_also_from_a_test(self):
        self.refuses("entente/base/a_test.cc", '#include "entente/wire/j.h"', "base may not")

    def test_refuses_an_unknown_module(self):
        self.refuses("entente/wire/a.cc", '#include "entente/wired/j.h"', "not a module")

    def test_refuses_a_folder_without_a_line(self):
        self.refuses("entente/desk/a.cc", "", "entente/desk is not in layers.txt")

    def test_refuses_another_modules_internal_header(self):
        for name in ("entente/store/a.cc", "apps/a.cc"):
            self.refuses(name, '#include "entente/wire/internal/j.h"', "internal to wire")

    def test_accepts_its_own_internal_header(self):
        self.accepts("entente/wire/a.cc", '#include "entente/wire/internal/j.h"')

    def test_refuses_a_joiners_folder_from_another_module(self):
        self.write("layers.txt", LAYERS.replace("~names", "top: base store\n~names"))
        self.write("CMakeLists.txt", CMAKE + "entente_module(NAME top DEPENDS store)\n")
        self.refuses("entente/top/a.cc", '#include "entente/store/sqlite/s.h"', "part 2")

    def test_accepts_a_joiners_folder_from_apps_tests_and_its_own_module(self):
        for name in ("apps/a.cc", "tests/integration/a.cc", "sim/a.cc", "entente/store/a.cc"):
            self.accepts(name, '#include "entente/store/sqlite/s.h"')

    def test_refuses_a_third_party_header_away_from_home(self):
        self.refuses("entente/wire/a.cc", "#include <sqlite3.h>", "wire may not.*home is store")

    def test_refuses_a_third_party_header_in_apps_that_are_not_named(self):
        self.refuses("apps/a.cc", "#include <sqlite3.h>", "apps may not include <sqlite3.h>")

    def test_accepts_a_third_party_header_at_home(self):
        self.accepts("entente/store/sqlite/a.cc", "#include <sqlite3.h>")
        self.accepts("apps/a.cc", "#include <toml++/toml.h>")

    def test_lets_the_longest_prefix_decide(self):
        self.refuses("entente/wire/a.cc", "#include <boost/asio/ssl.hpp>", "home is store")
        self.accepts("entente/wire/a.cc", "#include <boost/system/error_code.hpp>")

    def test_refuses_a_header_that_is_neither_standard_nor_listed(self):
        self.refuses("entente/wire/a.cc", "#include <curl/curl.h>", "neither standard nor")

    def test_accepts_the_standard_library_everywhere(self):
        self.accepts("entente/names/a.cc", "#include <vector>\n  #  include <cstdint>")

    def test_keeps_posix_to_those_who_touch_the_world(self):
        self.refuses("entente/names/a.cc", "#include <sys/socket.h>", "POSIX is for")
        self.accepts("entente/names/a.cc", "")
        for name in ("entente/store/a.cc", "apps/a.cc", "entente/names/a_test.cc"):
            self.accepts(name, "#include <unistd.h>")

    def test_keeps_test_headers_to_tests(self):
        self.refuses("entente/wire/a.cc", "#include <gtest/gtest.h>", "home is tests")
        self.refuses("entente/wire/a.cc", '#include "entente/base/testing.h"', "for tests only")
        self.refuses("apps/a.cc", '#include "entente/base/testing.h"', "for tests only")

    def test_accepts_test_headers_in_tests_benches_and_fuzzers(self):
        self.accepts("entente/wire/a_test.cc", "#include <gtest/gtest.h>")
        self.accepts("entente/base/testing.h", "#include <gtest/gtest.h>")
        self.accepts("entente/wire/a_bench.cc", "#include <benchmark/benchmark.h>")
        self.accepts("entente/wire/a_fuzz.cc", '#include "entente/base/testing.h"')
        self.accepts("tests/a.cc", '#include <gtest/gtest.h>\n#include "entente/base/testing.h"')

    def test_refuses_a_relative_include(self):
        for target in ("json.h", "../wire/json.h", "entente/x.h", "entente/wire/../x.h"):
            self.refuses("entente/wire/a.cc", f'#include "{target}"', 'write "entente/module')

    def test_refuses_an_include_of_apps_from_a_module(self):
        self.refuses("entente/wire/a.cc", '#include "apps/node.h"', 'write "entente/module')
        self.accepts("entente/wire/a.cc", "")
        self.accepts("tests/a.cc", '#include "apps/node.h"')

    def test_refuses_an_include_through_a_macro(self):
        self.refuses("entente/wire/a.cc", "#include HEADER", "by its name")

    def test_refuses_a_line_that_names_a_later_module(self):
        self.refuses("layers.txt", LAYERS.replace("base:", "base: wire"), "base names wire")

    def test_refuses_a_module_that_stands_twice(self):
        self.refuses("layers.txt", LAYERS.replace("~names", "wire: base\n~names"), "twice")

    def test_refuses_an_unknown_home_and_an_unknown_sans_io_module(self):
        self.refuses("layers.txt", LAYERS + "<zlib.h: recods\n~nams\n", "recods(.|\n)*nams")

    def test_refuses_a_line_without_a_colon(self):
        self.refuses("layers.txt", LAYERS + "wires base\n", "expected 'name: names'")

    def test_refuses_a_cmake_dependency_that_layers_do_not_allow(self):
        self.refuses(
            "CMakeLists.txt", CMAKE.replace("names DEPENDS", "names DEPENDS wire"), "DEPENDS wire"
        )

    def test_refuses_a_module_that_only_one_file_knows(self):
        self.refuses("CMakeLists.txt", CMAKE + "entente_module(NAME desk)\n", "differ")

    def test_speaks_through_its_exit_code(self):
        self.assertEqual(self.run_script("check_layers.py").returncode, 0)
        self.write("entente/wire/a.cc", '#include "entente/names/n.h"\n')
        answer = self.run_script("check_layers.py")
        self.assertEqual(answer.returncode, 1)
        self.assertIn("entente/wire/a.cc:1", answer.stdout)


if __name__ == "__main__":
    unittest.main()

"""Tests of third_party.py, layer_table.py and readme_test.py."""

import unittest

from house_tree import TreeTest

import layer_table
import readme_test
import third_party

HEAD = "| library | headers | packages | licence | used by | why |\n|---|---|---|---|---|---|\n"
ROWS = {
    "asio": "| Asio | `<boost/asio` | `libboost-dev` | BSL | store | loop |\n",
    "boost": "| Boost | `<boost/` | `libboost-dev` | BSL | store, wire | rest |\n",
    "sqlite": "| SQLite | `<sqlite3.h` | `libsqlite3-dev` | PD | store | file |\n",
    "json": "| json | `<nlohmann/` | `nlohmann-json3-dev` | MIT | wire | json |\n",
    "toml": "| toml | `<toml++/` | `libtomlplusplus-dev` | MIT | apps | config |\n",
    "gtest": "| gtest | `<gtest/` | `libgtest-dev` | BSD | tests | tests |\n",
    "bench": "| bench | `<benchmark/` | `libbenchmark-dev` | Apache | tests, bench | time |\n",
}
TOOLS = """
## Tools

| tool | packages | licence | why |
|---|---|---|---|
| g | `g++` | GPL | C++ |
"""
PACKAGES = """\
# a comment
build g++
build bookworm:libboost-dev trixie:libboost-dev
build libsqlite3-dev
build nlohmann-json3-dev
build libtomlplusplus-dev
test libgtest-dev
test libbenchmark-dev
"""


class ThirdParty(TreeTest):
    def setUp(self):
        super().setUp()
        self.write("scripts/packages.txt", PACKAGES)
        self.write_table(ROWS)

    def write_table(self, rows):
        text = "# Others\n\n## Libraries\n\n" + HEAD + "".join(rows.values()) + TOOLS
        self.write("THIRD_PARTY.md", text)

    def refuses(self, message):
        self.assertRegex("\n".join(third_party.check(self.root)), message)

    def test_accepts_equal_lists(self):
        self.assertEqual(third_party.check(self.root), [])

    def test_refuses_a_prefix_without_a_row(self):
        self.write_table({k: v for k, v in ROWS.items() if k != "sqlite"})
        self.refuses("no row for <sqlite3.h(.|\n)*no row for package libsqlite3-dev")

    def test_refuses_a_row_without_a_prefix(self):
        self.write_table(ROWS | {"z": "| zlib | `<zlib.h` | `g++` | Zlib | wire | gz |\n"})
        self.refuses("<zlib.h is not in layers.txt")

    def test_refuses_another_home(self):
        self.write_table(ROWS | {"json": ROWS["json"].replace("| wire |", "| store |")})
        self.refuses("<nlohmann/ is used by store, but layers.txt says wire")

    def test_refuses_a_package_that_only_one_list_has(self):
        self.write("scripts/packages.txt", PACKAGES.replace("test libgtest-dev\n", "test ccache\n"))
        self.refuses("no row for package ccache(.|\n)*libgtest-dev is not in scripts/packages.txt")

    def test_refuses_an_empty_cell(self):
        self.write_table(ROWS | {"toml": ROWS["toml"].replace("MIT", "")})
        self.refuses("toml has no licence")


class LayerTable(TreeTest):
    def setUp(self):
        super().setUp()
        rows = "".join(f"| `{m}` | the {m} | x | y |\n" for m in ("base", "wire", "names", "store"))
        self.write("ARCHITECTURE.md", f"before\n{layer_table.BEGIN}{rows}{layer_table.END}after\n")

    def test_refuses_a_table_that_differs_and_writes_it(self):
        self.assertEqual(self.run_script("layer_table.py").returncode, 1)
        self.assertEqual(self.run_script("layer_table.py", "--write").returncode, 0)
        self.assertEqual(self.run_script("layer_table.py").returncode, 0)
        text = (self.root / "ARCHITECTURE.md").read_text("utf-8")
        self.assertIn("| `names` * | the names | base | – |\n", text)
        self.assertTrue(text.startswith("before\n") and text.endswith("after\n"))
        self.write("layers.txt", (self.root / "layers.txt").read_text() + "top: base\n")
        answer = self.run_script("layer_table.py")
        self.assertEqual(answer.returncode, 1)
        self.assertIn("say what each module is: top", answer.stdout)


class ReadmeTest(TreeTest):
    def setUp(self):
        super().setUp()
        self.write("run", "#!/bin/sh\n[ \"$1\" = --help ]\n", 0o755)
        # Knows one verb, `list import`, and its --help.
        verb = '#!/bin/sh\n[ "$*" = "list import --help" ]\n'
        self.write("bin/entente", verb, 0o755)

    def answer(self, block):
        self.write("README.md", f"text\n```sh\n{block}\n```\n")
        return self.run_script("readme_test.py", str(self.root / "bin/entente"))

    def test_accepts_commands_that_answer(self):
        answer = self.answer("git clone x\nA=1 ./run -q  # why\nentente list import FILE \\\n  -x")
        self.assertEqual(answer.returncode, 0, answer.stdout)
        self.assertIn("3 commands", answer.stdout)

    def test_refuses_a_file_that_is_not_there(self):
        self.assertIn("./gone is not in the tree", self.answer("./gone").stdout)

    def test_compares_the_reference_with_the_help(self):
        script = """#!/bin/sh
        case "$*" in
          --help) printf 'x\\nSubcommands:\\n  list   Lists\\n' ;;
          "list --help") printf 'x\\nSubcommands:\\n  import   Reads\\n' ;;
          "list import --help") printf "  -h,--help\\n  --home TEXT\\n  --map TEXT   Columns\\n" ;;
          *) exit 1 ;;
        esac
        """
        self.write("bin/entente", script, 0o755)
        page = "### `entente list import FILE`\n\n| | |\n|---|---|\n| `--map TEXT` | as --this |\n"
        self.write("docs/reference/cli.md", page)
        answer = self.answer("./run")
        self.assertEqual(answer.returncode, 0, answer.stdout)
        self.write("docs/reference/cli.md", page.replace("--map", "--mop"))
        self.assertIn("--map --mop differ", self.answer("./run").stdout)
        self.write("docs/reference/cli.md", page + "### `entente list eat`\n")
        self.assertIn("`entente list eat` is not in --help", self.answer("./run").stdout)
        self.write("docs/reference/cli.md", "")
        self.assertIn("`entente list import` is not on this page", self.answer("./run").stdout)

    def test_refuses_an_unknown_verb(self):
        self.assertIn("exits 1", self.answer("entente list export FILE").stdout)

    def test_looks_for_other_programs_beside_the_binary(self):
        self.assertIn("not built", self.answer("entente-verify ledger DIR").stdout)

    def test_stops_at_the_first_value(self):
        self.assertEqual(readme_test.verbs(["entente", "init", "--home", "x"]), ["init"])
        words = ["entente", "list", "import", "A.csv"]
        self.assertEqual(readme_test.verbs(words), ["list", "import"])


if __name__ == "__main__":
    unittest.main()

import subprocess
import unittest

from house_tree import TreeTest

import tidy

# file, line that is refused, part of the message
REFUSED = [
    ("entente/wire/a.cc", "using namespace std;", "using-declaration"),
    ("entente/wire/a.cc", 'std::cout << "x";', "only apps/"),
    ("entente/wire/a.cc", 'std::fprintf(stderr, "x");', "only apps/"),
    ("entente/wire/a.cc", "int x = rand();", "Random&"),
    ("apps/a.cc", "std::random_device device;", "Random&"),
    ("entente/crypto/a.cc", "return memcmp(a, b, 32) == 0;", "EqualConstantTime"),
    ("entente/psi/a.cc", "return std::memcmp(a, b, 32) == 0;", "EqualConstantTime"),
    ("entente/wire/a.cc", "auto t = std::chrono::system_clock::now();", "Clock&"),
    ("apps/a.cc", "auto t = time(nullptr);", "Clock&"),
    ("entente/wire/a.h", "// TODO: later", "an issue"),
    ("entente/wire/a.h", "// FIXME", "an issue"),
    ("entente/wire/a.cc", "#if 0", "git history"),
    ("entente/wire/a_test.cc", "TEST(A, DISABLED_B) {}", "GTEST_SKIP"),
    ("entente/wire/a_test.cc", "GTEST_SKIP();", "why"),
    ("entente/wire/a_test.cc", "std::this_thread::sleep_for(1s);", "ManualClock"),
    ("tests/e2e/a.cc", "sleep(1);", "ManualClock"),
    ("entente/names/a.cc", "std::thread worker;", "sans-I/O"),
    ("entente/names/a.cc", "std::mutex mutex_;", "sans-I/O"),
    ("entente/names/a.cc", "std::ifstream in(path);", "sans-I/O"),
    ("entente/names/a.h", "std::filesystem::path path;", "sans-I/O"),
    ("entente/names/a.cc", 'auto* f = fopen(path, "r");', "sans-I/O"),
    ("entente/names/a.cc", "int s = ::socket(AF_INET, SOCK_STREAM, 0);", "sans-I/O"),
    ("entente/names/a.cc", "auto t = std::chrono::steady_clock::now();", "sans-I/O"),
    ("entente/wire/a.cc", "int x;  " + "x" * 100, "columns"),
    ("entente/wire/a.cc", "int x; ", "blanks"),
    ("entente/wire/a.cpp", "int x;", "end in .h and .cc"),
    ("docs/a.md", "see " + "/" + "work/main", "relative path"),
    ("docs/a.md", "see `" + "/" + "root/.bashrc`", "relative path"),
    ("docs/a.md", "see " + "/" + "tmp/w/x", "relative path"),
    ("deploy/a.txt", "https://" + "registry.example.org/x", "package's name"),
    ("deploy/a.txt", "http://" + "debian-mirror.example.org/debian", "package's name"),
]
# file, line that passes
ACCEPTED = [
    ("entente/wire/a.cc", "using namespace std::chrono_literals;"),
    ("entente/wire/a.cc", "// std::cout is for apps/"),
    ("entente/wire/a.cc", 'const char* kText = "std::cout << rand()";'),
    ("entente/wire/a.cc", "const char quote = '\"'; int brand(); operand(1);"),
    ("entente/wire/a.cc", "const int million = 1'000'000;  // not a literal: 'x"),
    ("entente/wire/a.cc", 'std::snprintf(buffer, 4, "%d", 3);'),
    ("entente/crypto/a.cc", "std::random_device device;"),
    ("entente/wire/a.cc", "return memcmp(a, b, 32);"),
    ("entente/base/a.cc", "return std::chrono::system_clock::now();"),
    ("entente/names/a_test.cc", "std::ifstream in(path);"),
    ("entente/wire/a.cc", "std::mutex mutex_;"),
    ("entente/names/a.inc", '{"x", 1},' + " " * 100 + "// a table"),
    ("docs/a.md", "a long line " * 20 + "."),
    ("tests/cases/names/a.case", "a long line of data " * 20),
    ("docs/a.md", "the folder build/work/x and https://example.org/a/work/b"),
]


class TidyTest(TreeTest):
    def findings(self):
        return tidy.Tidy(self.root).check_tree()

    def test_accepts_a_clean_tree(self):
        self.assertEqual(self.findings(), [])

    def test_refuses_each_banned_text(self):
        self.write("apps/CMakeLists.txt", "file(GLOB a *.cc)\n")
        self.write("tests/CMakeLists.txt", "file(GLOB_RECURSE a *.cc)\n")
        for name, line, message in REFUSED:
            with self.subTest(line=line):
                self.write(name, line + "\n")
                found = self.findings()
                self.assertEqual(len(found), 1, found)
                self.assertRegex(found[0], f"^{name}:1: .*{message}")
                (self.root / name).unlink()

    def test_accepts_what_only_looks_like_it(self):
        for name, line in ACCEPTED:
            with self.subTest(line=line):
                self.write(name, line + "\n")
                self.assertEqual(self.findings(), [])
                (self.root / name).unlink()

    def test_counts_lines_after_comments_and_raw_strings(self):
        self.write("entente/wire/a.cc", '/* a\nb */ auto s = R"(\n)";\nint x = rand();\n')
        self.assertRegex(self.findings()[0], "a.cc:4:")

    def test_refuses_a_source_in_no_target(self):
        self.write("apps/CMakeLists.txt", "add_executable(entente main.cc)\n")
        self.write("apps/main.cc", "")
        self.assertEqual(self.findings(), [])
        self.write("apps/forgotten.cc", "")
        self.assertRegex(self.findings()[0], "apps/forgotten.cc:1: in no target")

    def test_refuses_a_link_that_leads_nowhere(self):
        self.write("docs/b/c.md", "[up](../a.md#part), [web](https://example.org), `[x](y)`\n")
        self.assertRegex(self.findings()[0], "c.md:1: the link to ../a.md leads nowhere")
        self.write("docs/a.md", "[down](b/c.md), [folder](b/)\n")
        self.assertEqual(self.findings(), [])

    def test_ties_the_executable_bit_to_the_first_line(self):
        self.write("scripts/a", "#!/bin/sh\n")
        self.assertRegex(self.findings()[0], "not the executable bit")
        self.write("scripts/a", "#!/bin/sh\n", 0o755)
        self.assertEqual(self.findings(), [])
        self.write("scripts/a", "echo\n", 0o755)
        self.assertRegex(self.findings()[0], "no #! line")

    def test_refuses_a_last_line_without_an_end(self):
        self.write("docs/a.md", "text")
        self.assertRegex(self.findings()[0], "no end")

    def test_reads_only_what_git_tracks(self):
        def git(*words):
            subprocess.run(["git", "-C", str(self.root), *words], check=True, capture_output=True)

        git("init", "-q")
        self.write("entente/wire/a.cc", "int x = rand();\n")
        self.assertEqual(self.findings(), [])
        git("add", "entente/wire/a.cc")
        self.assertEqual(len(self.findings()), 1)


if __name__ == "__main__":
    unittest.main()

// entente-exercise: lists of fictional persons for the demo and for tests. Not installed.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>

#include "apps/entente-exercise/generator.h"
#include "entente/base/error_table.h"

namespace entente::exercise {
namespace {

Error CannotWrite(const std::filesystem::path& path) {
  return {ErrorCode::kUnavailable, "cannot write " + path.string()};
}

Status WriteFile(const std::filesystem::path& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  return file ? Status() : CannotWrite(path);
}

Status MakeListFiles(const Plan& plan, const std::filesystem::path& directory) {
  ENTENTE_ASSIGN(const Lists lists, MakeLists(plan));
  std::error_code failure;
  std::filesystem::create_directories(directory, failure);
  ENTENTE_TRY(WriteFile(directory / "a.csv", lists.a));
  ENTENTE_TRY(WriteFile(directory / "b.csv", lists.b));
  return WriteFile(directory / "truth.csv", lists.truth);
}

Status MakeRowFile(std::uint64_t seed, std::uint64_t row_count, const std::filesystem::path& path) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  WriteRows(seed, row_count, [&](std::string_view text) {
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
  });
  file.close();
  return file ? Status() : CannotWrite(path);
}

int Main(int argument_count, char** arguments) {
  CLI::App app{"Lists of fictional persons for exercises: the same plan gives the same bytes."};
  app.require_subcommand(1);
  Plan plan;
  std::string out;
  std::uint64_t row_count = 1'000'000;

  CLI::App* lists = app.add_subcommand("lists", "a.csv, b.csv and truth.csv");
  lists->add_option("--out", out, "folder to write to")->required();
  lists->add_option("--seed", plan.seed)->capture_default_str();
  lists->add_option("--records", plan.record_count, "in each list")->capture_default_str();
  lists->add_option("--common", plan.common_count, "persons in both")->capture_default_str();
  lists->add_option("--decoys", plan.decoy_count, "look-alikes")->capture_default_str();

  CLI::App* csv = app.add_subcommand("csv", "one list, for import tests");
  csv->add_option("--out", out, "file to write")->required();
  csv->add_option("--seed", plan.seed)->capture_default_str();
  csv->add_option("--rows", row_count)->capture_default_str();
  CLI11_PARSE(app, argument_count, arguments);

  const Status status =
      lists->parsed() ? MakeListFiles(plan, out) : MakeRowFile(plan.seed, row_count, out);
  if (!status) {
    std::cerr << "entente-exercise: " << status.error().message << "\n";
    return ErrorRowFor(status.error().code).exit_code;
  }
  return 0;
}

}  // namespace
}  // namespace entente::exercise

int main(int argument_count, char** arguments) {
  return entente::exercise::Main(argument_count, arguments);
}

// entente-exercise: lists of fictional persons, and looking at what an exercise showed. Not
// installed.
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "apps/entente-exercise/generator.h"
#include "apps/entente-exercise/list_files.h"
#include "apps/entente-exercise/wire_search.h"
#include "apps/main_guard.h"
#include "entente/base/error_table.h"
#include "entente/match/explain.h"
#include "entente/match/keys.h"
#include "entente/matching/match_set.h"
#include "entente/wire/json.h"

namespace entente::exercise {
namespace {

struct Options {
  Plan plan;
  std::string out;
  std::uint64_t row_count = 1'000'000;
  ListFiles list;
  std::vector<std::string> captures;
};

Error CannotWrite(const std::filesystem::path& path) {
  return {ErrorCode::kUnavailable, "cannot write " + path.string()};
}

Status WriteFile(const std::filesystem::path& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  return file ? Status() : CannotWrite(path);
}

Status MakeListFiles(const Options& options) {
  ENTENTE_ASSIGN(const Lists lists, MakeLists(options.plan));
  const std::filesystem::path directory = options.out;
  std::error_code failure;
  std::filesystem::create_directories(directory, failure);
  ENTENTE_TRY(WriteFile(directory / "a.csv", lists.a));
  ENTENTE_TRY(WriteFile(directory / "b.csv", lists.b));
  return WriteFile(directory / "truth.csv", lists.truth);
}

Status MakeRowFile(const Options& options) {
  std::ofstream file(options.out, std::ios::binary | std::ios::trunc);
  WriteRows(options.plan.seed, options.row_count, [&](std::string_view text) {
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
  });
  file.close();
  return file ? Status() : CannotWrite(options.out);
}

// A line a value: kind, record id, value, with tabs between (values have none: records::CleanText).
// "input" is in hex what the node keeps of a key: its unkeyed hash.
Status PrintValues(const Options& options) {
  const crypto::Digest scheme = match::SchemeDigest();
  return ForEachRecord(options.list, [&scheme](const records::Record& record) {
    const auto print = [&](std::string_view kind, const std::string& value) {
      std::cout << kind << '\t' << record.id << '\t' << value << '\n';
    };
    for (const records::Name& name : record.names) {
      print("name", name.text.Reveal());
    }
    for (const records::PartialDate& date : record.birth_dates) {
      print("date", records::FormatPartialDate(date));
    }
    for (const records::Document& document : record.documents) {
      print("document", document.number.Reveal());
    }
    for (const match::Key& key : match::BuildKeys(record)) {
      print("key", key.text);
      print("input", HexEncode(matching::InputOf(key, scheme).view()));
    }
  });
}

Status PrintKeyCount(const Options& options) {
  std::uint64_t record_count = 0;
  std::uint64_t record_keys = 0;
  std::set<std::string> distinct;
  ENTENTE_TRY(ForEachRecord(options.list, [&](const records::Record& record) {
    ++record_count;
    for (const match::Key& key : match::BuildKeys(record)) {
      ++record_keys;
      distinct.insert(key.text);
    }
  }));
  std::cout << wire::Json{{"records", record_count},
                          {"record_keys", record_keys},
                          {"keys", distinct.size()}}
                   .dump()
            << "\n";
  return {};
}

// Lines of two names with a tab between on standard input; for each a line of JSON, a list of
// [left token, right token, shared skeleton].
Status ExplainNames(const Options& /*options*/) {
  for (std::string line; std::getline(std::cin, line);) {
    const std::size_t tab = line.find('\t');
    if (tab == std::string::npos) {
      return Error{ErrorCode::kInvalidInput, "give two names with a tab between"};
    }
    const std::string_view names = line;
    ENTENTE_ASSIGN(const auto pairs,
                   match::AlignNames(names.substr(0, tab), names.substr(tab + 1)));
    wire::Json out = wire::Json::array();
    for (const match::TokenPair& pair : pairs) {
      out.push_back({pair.left, pair.right, match::Spaced(pair.skeleton)});
    }
    std::cout << out.dump() << "\n";
  }
  return {};
}

std::uint32_t LittleEndian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) {
    value = value << 8U | static_cast<std::uint8_t>(bytes[i - 1]);
  }
  return value;
}

// Needles on standard input: u32 label, u16 size, bytes; numbers little-endian.
Status ReadNeedles(WireSearch& search) {
  std::string head(6, '\0');
  while (std::cin.read(head.data(), static_cast<std::streamsize>(head.size()))) {
    std::string needle(LittleEndian(std::string_view(head).substr(4)), '\0');
    if (needle.size() < kNeedleBytesMin ||
        !std::cin.read(needle.data(), static_cast<std::streamsize>(needle.size()))) {
      return Error{ErrorCode::kInvalidInput, "a needle is cut or shorter than 5 bytes"};
    }
    search.Add(LittleEndian(std::string_view(head).substr(0, 4)), AsBytes(needle));
  }
  return {};
}

Status SearchCaptures(const Options& options) {
  WireSearch search;
  ENTENTE_TRY(ReadNeedles(search));
  wire::Json finds = wire::Json::array();
  std::uint64_t byte_count = 0;
  for (const std::string& path : options.captures) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
      return Error{ErrorCode::kNotFound, path + ": cannot be opened"};
    }
    const std::string capture{std::istreambuf_iterator<char>(file), {}};
    byte_count += capture.size();
    for (const Find& find : search.Run(AsBytes(capture))) {
      finds.push_back(
          {{"file", path}, {"label", find.label}, {"offset", find.offset}, {"via", find.via}});
    }
  }
  std::cout << wire::Json{{"needles", search.needle_count()},
                          {"bytes", byte_count},
                          {"finds", finds}}
                   .dump()
            << "\n";
  return {};
}

void AddListOptions(CLI::App& command, Options& options) {
  command.add_option("file", options.list.main, "in any format the node imports")->required();
  command.add_option("--alt", options.list.alt, "OFAC: alt.csv");
  command.add_option("--add", options.list.add, "OFAC: add.csv");
}

int Main(int argument_count, char** arguments) {
  CLI::App app{"Lists of fictional persons for exercises, and looking at what an exercise showed."};
  app.require_subcommand(1);
  Options options;
  Status status;
  const auto add = [&](const char* name, const char* help, Status (*run)(const Options&)) {
    CLI::App* const command = app.add_subcommand(name, help);
    command->final_callback([&options, &status, run] { status = run(options); });
    return command;
  };
  CLI::App* const lists = add("lists", "Make a.csv, b.csv and truth.csv", MakeListFiles);
  lists->add_option("--out", options.out, "folder to write to")->required();
  lists->add_option("--seed", options.plan.seed)->capture_default_str();
  lists->add_option("--records", options.plan.record_count, "in each list")->capture_default_str();
  lists->add_option("--common", options.plan.common_count, "persons in both")
      ->capture_default_str();
  lists->add_option("--decoys", options.plan.decoy_count, "look-alikes")->capture_default_str();
  CLI::App* const csv = add("csv", "Make one list, for import tests", MakeRowFile);
  csv->add_option("--out", options.out, "file to write")->required();
  csv->add_option("--seed", options.plan.seed)->capture_default_str();
  csv->add_option("--rows", options.row_count)->capture_default_str();
  AddListOptions(
      *add("values", "Names, dates, document numbers and match keys of a list", PrintValues),
      options);
  AddListOptions(*add("keys", "How many match keys a list gives", PrintKeyCount), options);
  add("explain", "How two names read alike; lines \"A<tab>B\" on standard input", ExplainNames);
  add("search", "Look for the needles on standard input in captured bytes", SearchCaptures)
      ->add_option("capture", options.captures, "files of entente-observed")
      ->required();
  CLI11_PARSE(app, argument_count, arguments);
  if (!status) {
    std::cerr << "entente-exercise: " << status.error().message << "\n";
    return ErrorRowFor(status.error().code).exit_code;
  }
  return 0;
}

}  // namespace
}  // namespace entente::exercise

int main(int argument_count, char** arguments) {
  return entente::GuardMain("entente-exercise", entente::exercise::Main, argument_count, arguments);
}

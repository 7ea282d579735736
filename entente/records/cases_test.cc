// Runs tests/cases/records/*.case; its README.md says how they are written.
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "entente/base/testing.h"
#include "entente/records/reader.h"
#include "entente/records/text.h"

namespace entente::records {
namespace {

constexpr const char* kFolder = "tests/cases/records/";

std::vector<std::string> Lines(const std::string& name) {
  std::ifstream file(kFolder + name);
  EXPECT_TRUE(file) << name;
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    lines.push_back(line);
  }
  EXPECT_TRUE(!lines.empty() && lines.front().starts_with("# source: ")) << name;
  return lines;
}

// The bytes that a line of a case stands for.
std::string Unescape(std::string_view text) {
  std::string bytes;
  bool has_line_feed = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char next = text[i] == '\\' && i + 1 < text.size() ? text[i + 1] : '\0';
    if (next == 'x') {
      bytes.push_back(
          static_cast<char>(std::stoi(std::string(text.substr(i + 2, 2)), nullptr, 16)));
      i += 3;
    } else if (next == 'r' || next == 't' || next == 'c') {
      has_line_feed = has_line_feed && next != 'c';
      bytes.append(next == 'r' ? "\r" : next == 't' ? "\t" : "");
      ++i;
    } else {
      bytes.push_back(text[i]);
    }
  }
  return bytes + (has_line_feed ? "\n" : "");
}

template <typename T, typename Describe>
std::string Join(const std::vector<T>& items, Describe describe) {
  std::string text;
  for (const T& item : items) {
    text += (text.empty() ? "" : "; ") + describe(item);
  }
  return text.empty() ? "-" : text;
}

std::string Describe(const Record& record) {
  const auto name = [](const Name& one) {
    return one.text.Reveal() + (one.quality == NameQuality::kAlias  ? " (alias)"
                                : one.quality == NameQuality::kWeak ? " (weak)"
                                                                    : "");
  };
  const auto place = [](const PersonalText& one) { return one.Reveal(); };
  const auto document = [](const Document& one) {
    const std::string type = one.type == DocumentType::kPassport     ? "passport"
                             : one.type == DocumentType::kNationalId ? "national_id"
                                                                     : "other";
    return type + "/" + one.issuer + "/" + one.number.Reveal();
  };
  return std::string(record.is_protected ? "protected " : "") + "record " + record.id + " | " +
         Join(record.names, name) + " | " + Join(record.birth_dates, FormatPartialDate) + " | " +
         Join(record.birth_places, place) + " | " + Join(record.documents, document);
}

struct Case {
  std::string title;
  std::optional<std::string> mapping;
  std::string main;
  std::optional<std::string> alt;
  std::optional<std::string> add;
  std::vector<std::string> expected;
};

std::vector<Case> ReadCases(const std::string& name) {
  std::vector<Case> cases;
  for (const std::string& line : Lines(name)) {
    const auto after = [&](std::size_t size) {
      return std::string_view(line).substr(std::min(size, line.size()));
    };
    if (line.starts_with("== ")) {
      cases.emplace_back().title = after(3);
    } else if (line.starts_with("mapping ")) {
      cases.back().mapping = after(8);
    } else if (line.starts_with(">")) {
      cases.back().main += Unescape(after(2));
    } else if (line.starts_with("alt>")) {
      cases.back().alt = cases.back().alt.value_or("") + Unescape(after(5));
    } else if (line.starts_with("add>")) {
      cases.back().add = cases.back().add.value_or("") + Unescape(after(5));
    } else if (!line.empty() && !line.starts_with("#")) {
      cases.back().expected.push_back(line);
    }
  }
  return cases;
}

ReaderInput Input(const std::string& name, const std::optional<std::string>& text) {
  return {name, text ? MakeMemorySource(*text) : nullptr};
}

// What the reader gives, as the cases write it.
std::vector<std::string> Run(Format format, const Case& one) {
  std::optional<CsvMapping> mapping;
  if (one.mapping) {
    auto parsed = CsvMapping::Parse(*one.mapping);
    EXPECT_THAT(parsed, IsOk());
    mapping = *std::move(parsed);
  }
  auto reader =
      OpenReader(format, {Input("main", one.main), Input("alt", one.alt), Input("add", one.add)},
                 mapping ? &*mapping : nullptr);
  if (!reader) {
    return {"fatal " + reader.error().message};
  }
  std::vector<std::string> events;
  while (true) {
    auto event = (*reader)->Next();
    if (!event) {
      events.push_back("fatal " + event.error().message);
      return events;
    }
    if (!event->has_value()) {
      break;
    }
    if (const auto* error = std::get_if<RowError>(&**event)) {
      events.push_back("error " + error->file + ":" + std::to_string(error->line) + ":" +
                       std::to_string(error->column) + " " + error->reason);
      EXPECT_FALSE(error->raw.empty());
    } else {
      events.push_back(Describe(std::get<Record>(**event)));
    }
  }
  if ((*reader)->skipped_count() > 0) {
    events.push_back("skipped " + std::to_string((*reader)->skipped_count()));
  }
  EXPECT_EQ((*reader)->bytes_read(), one.main.size());
  return events;
}

void RunFile(Format format) {
  for (const Case& one : ReadCases(std::string(FormatName(format)) + ".case")) {
    SCOPED_TRACE(one.title);
    const std::vector<std::string> events = Run(format, one);
    ASSERT_EQ(events.size(), one.expected.size()) << ::testing::PrintToString(events);
    for (std::size_t i = 0; i < events.size(); ++i) {
      const bool is_text =
          one.expected[i].starts_with("error") || one.expected[i].starts_with("fatal");
      EXPECT_EQ(is_text ? events[i].substr(0, one.expected[i].size()) : events[i], one.expected[i])
          << events[i];
    }
  }
}

TEST(Cases, Csv) { RunFile(Format::kCsv); }
TEST(Cases, Ofac) { RunFile(Format::kOfac); }
TEST(Cases, Un) { RunFile(Format::kUn); }
TEST(Cases, Eu) { RunFile(Format::kEu); }
TEST(Cases, Ftm) { RunFile(Format::kFtm); }

// "text -> result" lines through `convert`.
template <typename Convert>
void RunLines(const std::string& name, Convert convert) {
  for (const std::string& line : Lines(name)) {
    if (line.starts_with("#")) {
      continue;
    }
    const std::size_t arrow = line.find(" -> ");
    ASSERT_NE(arrow, std::string::npos) << line;
    EXPECT_EQ(convert(line.substr(0, arrow)), line.substr(arrow + 4)) << line;
  }
}

TEST(Cases, Dates) {
  RunLines("dates.case", [](const std::string& text) {
    const auto dates = ParseWrittenDate(text);
    return dates ? Join(*dates, FormatPartialDate) : std::string("error");
  });
}

TEST(Cases, Countries) {
  RunLines("countries.case", [](const std::string& text) {
    const std::string code = CountryCode(text);
    return code.empty() ? std::string("-") : code;
  });
}

}  // namespace
}  // namespace entente::records

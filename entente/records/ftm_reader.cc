// FollowTheMoney entities, one JSON object per line. docs/formats/lists.md §FollowTheMoney.
#include <algorithm>
#include <utility>

#include "entente/base/utf8.h"
#include "entente/records/entry_reader.h"
#include "entente/records/format_readers.h"
#include "entente/records/text.h"
#include "entente/wire/json.h"

namespace entente::records {
namespace {

using wire::Json;

// Values of one property; more than any record may have is refused by Validate or here.
constexpr std::size_t kValuesMax = 1000;

// The byte at which a JSON text breaks, for the column.
std::size_t BreakOffset(std::string_view text) {
  try {
    [[maybe_unused]] const Json value = Json::parse(text);
    return 0;
  } catch (const Json::parse_error& error) {
    return error.byte == 0 ? 0 : error.byte - 1;
  } catch (const Json::exception&) {
    return 0;  // well-formed, but a number does not fit
  }
}

// Adds each value of `property` by `add`.
template <typename Add>
Status ForEach(wire::JsonReader& properties, std::string_view property, Add add) {
  if (!properties.Has(property)) {
    return {};
  }
  ENTENTE_ASSIGN(const auto values, properties.Strings(property, kValuesMax));
  for (const std::string& value : values) {
    ENTENTE_TRY(add(value));
  }
  return {};
}

Result<Record> ReadPerson(const Json& entity) {
  wire::JsonReader reader(entity, "entity");
  Draft draft;
  ENTENTE_ASSIGN(const std::string id, reader.String("id"));
  ENTENTE_TRY(draft.SetId(id));
  ENTENTE_ASSIGN(const Json* object, reader.Object("properties"));
  wire::JsonReader properties(*object, "properties");
  const auto names = [&](std::string_view property, NameQuality quality) {
    return ForEach(properties, property,
                   [&](const std::string& text) { return draft.AddName(text, quality); });
  };
  ENTENTE_TRY(names("name", NameQuality::kPrimary));
  ENTENTE_TRY(names("alias", NameQuality::kAlias));
  ENTENTE_TRY(names("previousName", NameQuality::kAlias));
  ENTENTE_TRY(names("weakAlias", NameQuality::kWeak));
  ENTENTE_TRY(ForEach(properties, "birthDate",
                      [&](const std::string& text) { return draft.AddWrittenBirthDate(text); }));
  ENTENTE_TRY(ForEach(properties, "birthPlace",
                      [&](const std::string& text) { return draft.AddBirthPlace(text); }));
  ENTENTE_TRY(ForEach(properties, "passportNumber", [&](const std::string& text) {
    return draft.AddDocument(DocumentType::kPassport, "", text);
  }));
  ENTENTE_TRY(ForEach(properties, "idNumber", [&](const std::string& text) {
    return draft.AddDocument(DocumentType::kNationalId, "", text);
  }));
  return draft.Take();
}

class FtmReader final : public EntryReader {
 public:
  explicit FtmReader(std::unique_ptr<Intake> main_intake) : EntryReader(std::move(main_intake)) {}

 protected:
  Result<std::optional<Entry>> NextEntry() override {
    while (true) {
      ENTENTE_ASSIGN(const bool has_line, NextLine());
      if (!has_line) {
        return std::optional<Entry>();
      }
      if (!Trim(line_text_).empty()) {
        return std::optional<Entry>({main().name(), line_number_, Read()});
      }
    }
  }
  std::string RawEntry() const override { return std::string(line_text_); }

 private:
  // The next line into line_text_, without its line feed.
  Result<bool> NextLine() {
    if (++line_number_ == 1) {
      ENTENTE_TRY(main().BeginText());
    }
    std::size_t searched = 0;
    while (true) {
      const std::string_view window = main().window();
      const std::size_t end = window.find('\n', searched);
      if (std::min(end, window.size()) > kEntryBytesMax) {
        return FatalAt(ErrorCode::kLimitExceeded, main().name(),
                       {line_number_, 1,
                        "this line is longer than " + std::to_string(kEntryBytesMax) +
                            " bytes: write one entity per line"});
      }
      bool has_grown = false;
      if (end == std::string_view::npos) {
        searched = window.size();
        ENTENTE_ASSIGN(has_grown, main().Grow());
      }
      if (!has_grown) {
        line_text_ = main().window().substr(0, end);
        const bool has_line = end != std::string_view::npos || !line_text_.empty();
        main().Consume(std::min(line_text_.size() + 1, main().window().size()));
        return has_line;
      }
    }
  }

  Fault At(std::size_t offset, std::string reason) const {
    return FaultAt(line_text_, line_number_, offset, std::move(reason));
  }

  std::variant<Skipped, Record, Fault> Read() const {
    if (const auto at = FirstInvalidUtf8(line_text_)) {
      return At(*at, std::string(kNotUtf8));
    }
    const auto entity = wire::ParseJson(line_text_);
    if (!entity) {
      return At(BreakOffset(line_text_), entity.error().message + ": correct or drop this line");
    }
    wire::JsonReader reader(*entity, "entity");
    const auto schema = reader.String("schema");
    if (!schema) {
      return At(0, schema.error().message);
    }
    if (*schema != "Person") {
      return Skipped();
    }
    auto record = ReadPerson(*entity);
    if (!record) {
      return At(0, record.error().message);
    }
    return *std::move(record);
  }

  std::string_view line_text_;
  std::uint64_t line_number_ = 0;
};

}  // namespace

std::unique_ptr<RecordReader> OpenFtm(std::unique_ptr<Intake> main) {
  return std::make_unique<FtmReader>(std::move(main));
}

}  // namespace entente::records

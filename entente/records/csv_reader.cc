// Any table with a header row. docs/formats/lists.md §CSV.
#include <algorithm>
#include <array>
#include <utility>

#include "entente/records/csv_rows.h"
#include "entente/records/entry_reader.h"
#include "entente/records/format_readers.h"
#include "entente/records/text.h"

namespace entente::records {
namespace {

using Target = CsvMapping::Target;

// In the order of Target.
constexpr std::array<std::string_view, 16> kTargetNames = {"id",
                                                           "name",
                                                           "given_name",
                                                           "family_name",
                                                           "alias",
                                                           "weak_alias",
                                                           "birth_date",
                                                           "birth_place",
                                                           "passport",
                                                           "passport_issuer",
                                                           "national_id",
                                                           "national_id_issuer",
                                                           "document_type",
                                                           "document_issuer",
                                                           "document_number",
                                                           "protected"};

// Separates several values in one cell.
constexpr char kValueSeparator = '|';

std::optional<Target> TargetNamed(std::string_view name) {
  const auto found = std::find(kTargetNames.begin(), kTargetNames.end(), name);
  return found == kTargetNames.end()
             ? std::nullopt
             : std::optional(static_cast<Target>(found - kTargetNames.begin()));
}

Error Bad(std::string why) { return {ErrorCode::kInvalidInput, std::move(why)}; }

Result<DocumentType> ParseDocumentType(std::string_view text) {
  const std::string word = LowerAscii(text);
  if (word == "passport") {
    return DocumentType::kPassport;
  }
  if (word == "national_id") {
    return DocumentType::kNationalId;
  }
  if (word == "other" || word.empty()) {
    return DocumentType::kOther;
  }
  return Bad("the document type is not passport, national_id or other");
}

Result<bool> ParseBoolean(std::string_view text) {
  const std::string word = LowerAscii(Trim(text));
  if (word == "true" || word == "yes" || word == "1") {
    return true;
  }
  if (word == "false" || word == "no" || word == "0" || word.empty()) {
    return false;
  }
  return Bad("the protection mark is not true or false");
}

// The cells of one kind of document in a row: their values belong together by position.
struct DocumentCells {
  std::vector<std::string_view> numbers;
  std::vector<std::string_view> issuers;
  std::vector<std::string_view> types;
  std::size_t offset = 0;
};

// The value that belongs to the number at `index`: one value counts for all numbers.
Result<std::string_view> Matching(const std::vector<std::string_view>& values, std::size_t index,
                                  std::size_t count) {
  if (values.empty()) {
    return std::string_view();
  }
  if (values.size() != 1 && values.size() != count) {
    return Bad("types and issuers are not as many as the document numbers beside them");
  }
  return values[values.size() == 1 ? 0 : index];
}

// `type` if it is that of the column, otherwise the cells say.
Status AddDocuments(std::optional<DocumentType> column_type, const DocumentCells& cells,
                    Draft& draft) {
  for (std::size_t i = 0; i < cells.numbers.size(); ++i) {
    ENTENTE_ASSIGN(const std::string_view issuer, Matching(cells.issuers, i, cells.numbers.size()));
    ENTENTE_ASSIGN(const std::string_view word, Matching(cells.types, i, cells.numbers.size()));
    ENTENTE_ASSIGN(const DocumentType type, ParseDocumentType(word));
    if (!issuer.empty() && CountryCode(issuer).empty()) {
      return Bad("the document issuer is not a country: write its ISO 3166-1 code, such as MA");
    }
    ENTENTE_TRY(draft.AddDocument(column_type.value_or(type), issuer, cells.numbers[i]));
  }
  return {};
}

class CsvReader final : public EntryReader {
 public:
  explicit CsvReader(std::unique_ptr<Intake> main_intake)
      : EntryReader(std::move(main_intake)), rows_(main()) {}

  Status Begin(const CsvMapping* mapping) {
    ENTENTE_TRY(rows_.DetectDelimiter());
    ENTENTE_ASSIGN(const bool has_header, rows_.Next(row_));
    if (!has_header) {
      return Fatal({1, 1, "the file is empty: a header row has to be first"});
    }
    if (row_.fault) {
      return Fatal(*row_.fault);
    }
    header_ = row_.raw;
    std::vector<std::string> headers;
    for (const CsvField& field : row_.fields) {
      headers.push_back(CleanText(field.text));
    }
    if (mapping != nullptr) {
      return Place(*mapping, headers);
    }
    const auto own = CsvMapping::FromHeaders(headers);
    return own ? Place(*own, headers) : Fatal({1, 1, own.error().message});
  }

  std::string_view reject_header() const override { return header_; }

 protected:
  Result<std::optional<Entry>> NextEntry() override {
    ENTENTE_ASSIGN(const bool has_row, rows_.Next(row_));
    if (!has_row) {
      return std::optional<Entry>();
    }
    return std::optional<Entry>({main().name(), row_.line, Read()});
  }
  std::string RawEntry() const override { return std::string(row_.raw); }

 private:
  struct Column {
    Target target;
    std::size_t index;
  };

  Error Fatal(const Fault& fault) {
    return FatalAt(ErrorCode::kInvalidInput, main().name(), fault);
  }

  // Finds every mapped column in the header.
  Status Place(const CsvMapping& mapping, const std::vector<std::string>& headers) {
    column_count_ = headers.size();
    for (const auto& [target, header] : mapping.columns()) {
      const auto found = std::find(headers.begin(), headers.end(), header);
      const auto index = static_cast<std::size_t>(found - headers.begin());
      if (found == headers.end()) {
        return Fatal({1, 1, "the header has no column \"" + header + "\": correct the mapping"});
      }
      if (std::find(found + 1, headers.end(), header) != headers.end()) {
        return Fatal({1, 1, "two columns are called \"" + header + "\": rename one"});
      }
      columns_.push_back({target, index});
    }
    return {};
  }

  std::variant<Skipped, Record, Fault> Read() {
    if (row_.fault) {
      return *row_.fault;
    }
    if (row_.fields.size() != column_count_) {
      const bool is_long = row_.fields.size() > column_count_;
      return row_.At(is_long ? row_.fields[column_count_].offset : row_.raw.size(),
                     std::to_string(row_.fields.size()) + " fields where the header has " +
                         std::to_string(column_count_) + ": look for a separator too " +
                         (is_long ? "many" : "few"));
    }
    Draft draft;
    given_name_ = family_name_ = "";
    for (DocumentCells* cells : {&passports_, &national_ids_, &documents_}) {
      cells->numbers.clear();
      cells->issuers.clear();
      cells->types.clear();
    }
    for (const Column& column : columns_) {
      const CsvField& field = row_.fields[column.index];
      if (const Status status = Put(column.target, field, draft); !status) {
        return row_.At(field.offset, status.error().message);
      }
    }
    if (const Status status = draft.AddName(
            std::string(given_name_) + " " + std::string(family_name_), NameQuality::kPrimary);
        !status) {
      return row_.At(0, status.error().message);
    }
    for (const auto& [type, cells] :
         {std::pair(std::optional(DocumentType::kPassport), &passports_),
          std::pair(std::optional(DocumentType::kNationalId), &national_ids_),
          std::pair(std::optional<DocumentType>(), &documents_)}) {
      if (const Status status = AddDocuments(type, *cells, draft); !status) {
        return row_.At(cells->offset, status.error().message);
      }
    }
    return draft.Take();
  }

  // Reads one cell into the draft, or remembers it for what is joined from several cells.
  Status Put(Target target, const CsvField& field, Draft& draft) {
    switch (target) {
      case Target::kId:
        return draft.SetId(field.text);
      case Target::kName:
        return ForEach(field,
                       [&](auto text) { return draft.AddName(text, NameQuality::kPrimary); });
      case Target::kAlias:
        return ForEach(field, [&](auto text) { return draft.AddName(text, NameQuality::kAlias); });
      case Target::kWeakAlias:
        return ForEach(field, [&](auto text) { return draft.AddName(text, NameQuality::kWeak); });
      case Target::kBirthDate:
        return ForEach(field, [&](auto text) { return draft.AddWrittenBirthDate(text); });
      case Target::kBirthPlace:
        return ForEach(field, [&](auto text) { return draft.AddBirthPlace(text); });
      case Target::kProtected: {
        ENTENTE_ASSIGN(const bool is_protected, ParseBoolean(field.text));
        draft.SetProtected(is_protected);
        return {};
      }
      default:
        Remember(target, field);
        return {};
    }
  }

  void Remember(Target target, const CsvField& field) {
    const auto numbers = [&](DocumentCells& cells) {
      cells.numbers = Split(field.text, kValueSeparator);
      cells.offset = field.offset;
    };
    switch (target) {
      case Target::kGivenName:
        given_name_ = field.text;
        break;
      case Target::kFamilyName:
        family_name_ = field.text;
        break;
      case Target::kPassport:
        numbers(passports_);
        break;
      case Target::kPassportIssuer:
        passports_.issuers = Split(field.text, kValueSeparator);
        break;
      case Target::kNationalId:
        numbers(national_ids_);
        break;
      case Target::kNationalIdIssuer:
        national_ids_.issuers = Split(field.text, kValueSeparator);
        break;
      case Target::kDocumentNumber:
        numbers(documents_);
        break;
      case Target::kDocumentIssuer:
        documents_.issuers = Split(field.text, kValueSeparator);
        break;
      default:
        documents_.types = Split(field.text, kValueSeparator);
    }
  }

  template <typename Add>
  static Status ForEach(const CsvField& field, Add add) {
    if (field.text.find(kValueSeparator) == std::string_view::npos) {
      return add(field.text);
    }
    for (const std::string_view value : Split(field.text, kValueSeparator)) {
      ENTENTE_TRY(add(value));
    }
    return {};
  }

  CsvRows rows_;
  CsvRow row_;
  std::string header_;
  std::size_t column_count_ = 0;
  std::vector<Column> columns_;
  std::string_view given_name_;
  std::string_view family_name_;
  DocumentCells passports_;
  DocumentCells national_ids_;
  DocumentCells documents_;
};

}  // namespace

Result<CsvMapping> CsvMapping::Check(std::vector<Column> columns) {
  const auto count = [&](Target target) {
    return std::count_if(columns.begin(), columns.end(),
                         [&](const Column& column) { return column.target == target; });
  };
  if (count(Target::kId) != 1) {
    return Bad("exactly one column has to be the id: map it with --map id=HEADER,name=HEADER");
  }
  if (count(Target::kName) + count(Target::kGivenName) + count(Target::kFamilyName) == 0) {
    return Bad("no column is the name: map it with --map id=HEADER,name=HEADER");
  }
  for (const Target target :
       {Target::kGivenName, Target::kFamilyName, Target::kPassport, Target::kPassportIssuer,
        Target::kNationalId, Target::kNationalIdIssuer, Target::kDocumentType,
        Target::kDocumentIssuer, Target::kDocumentNumber}) {
    if (count(target) > 1) {
      return Bad(std::string(kTargetNames[static_cast<std::size_t>(target)]) +
                 " is mapped twice: map one column");
    }
  }
  CsvMapping mapping;
  mapping.columns_ = std::move(columns);
  return mapping;
}

Result<CsvMapping> CsvMapping::Parse(std::string_view text) {
  Intake intake({"mapping", MakeMemorySource(std::string(text))});
  CsvRows rows(intake);
  CsvRow row;
  ENTENTE_ASSIGN(const bool has_row, rows.Next(row));
  if (!has_row || row.fault) {
    return Bad("the mapping is not a list such as id=ID,name=Full name");
  }
  std::vector<Column> columns;
  for (const CsvField& field : row.fields) {
    const std::size_t equals = field.text.find('=');
    const std::string name(Trim(field.text.substr(0, equals)));
    const auto target = TargetNamed(name);
    if (equals == std::string_view::npos || !target) {
      return Bad("the mapping names \"" + name +
                 "\", which is not TARGET=HEADER with a known target");
    }
    columns.push_back({*target, CleanText(field.text.substr(equals + 1))});
  }
  return Check(std::move(columns));
}

Result<CsvMapping> CsvMapping::FromHeaders(const std::vector<std::string>& headers) {
  std::vector<Column> columns;
  for (const std::string& header : headers) {
    if (const auto target = TargetNamed(header)) {
      columns.push_back({*target, header});
    }
  }
  return Check(std::move(columns));
}

Result<std::unique_ptr<RecordReader>> OpenCsv(std::unique_ptr<Intake> main,
                                              const CsvMapping* mapping) {
  auto reader = std::make_unique<CsvReader>(std::move(main));
  ENTENTE_TRY(reader->Begin(mapping));
  return std::unique_ptr<RecordReader>(std::move(reader));
}

}  // namespace entente::records

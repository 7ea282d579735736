// The US Treasury's sdn.csv with alt.csv and add.csv. docs/formats/lists.md §OFAC.
#include <algorithm>
#include <array>
#include <utility>

#include "entente/records/csv_rows.h"
#include "entente/records/entry_reader.h"
#include "entente/records/format_readers.h"
#include "entente/records/text.h"

namespace entente::records {
namespace {

constexpr std::size_t kSdnColumns = 12;
constexpr std::size_t kAltColumns = 5;
constexpr std::size_t kAddColumns = 6;
constexpr std::string_view kNull = "-0-";

// How a remark that holds a document begins.
struct DocumentRemark {
  std::string_view prefix;
  DocumentType type;
  std::string_view issuer = "";  // if the words themselves say it
};

constexpr auto kDocumentRemarks = std::to_array<DocumentRemark>({
    {"Passport", DocumentType::kPassport},
    {"Diplomatic Passport", DocumentType::kPassport},
    {"Stateless Person Passport", DocumentType::kPassport},
    {"National ID No.", DocumentType::kNationalId},
    {"National Foreign ID Number", DocumentType::kNationalId},
    {"Identification Number", DocumentType::kNationalId},
    {"Personal ID Card", DocumentType::kNationalId},
    {"Citizen's Card Number", DocumentType::kNationalId},
    {"Cedula No.", DocumentType::kNationalId},
    {"C.U.R.P.", DocumentType::kNationalId, "MX"},
    {"D.N.I.", DocumentType::kNationalId},
    {"Numero de Identidad", DocumentType::kNationalId},
    {"LE Number", DocumentType::kNationalId},
    {"Tazkira National ID Card", DocumentType::kNationalId, "AF"},
    {"Kenyan ID No.", DocumentType::kNationalId, "KE"},
    {"Turkish Identification Number", DocumentType::kNationalId, "TR"},
    {"SSN", DocumentType::kNationalId, "US"},
    {"Moroccan Personal ID No.", DocumentType::kNationalId, "MA"},
    {"Bosnian Personal ID No.", DocumentType::kNationalId, "BA"},
    {"UAE Identification", DocumentType::kNationalId, "AE"},
    {"CNP (Personal Numerical Code)", DocumentType::kNationalId, "RO"},
    {"C.U.I.", DocumentType::kNationalId, "GT"},
    {"British National Overseas Passport", DocumentType::kPassport, "GB"},
    {"Residency Number", DocumentType::kOther},
    {"Driver's License No.", DocumentType::kOther},
    {"Travel Document Number", DocumentType::kOther},
    {"Tax ID No.", DocumentType::kOther},
    {"Italian Fiscal Code", DocumentType::kOther, "IT"},
    {"R.F.C.", DocumentType::kOther, "MX"},
    {"Electoral Registry No.", DocumentType::kOther},
    {"Credencial electoral", DocumentType::kOther, "MX"},
    {"Birth Certificate Number", DocumentType::kOther},
    {"Registration ID", DocumentType::kOther},
    {"RFC", DocumentType::kOther, "MX"},
    {"I.F.E.", DocumentType::kOther, "MX"},
    {"C.U.I.P.", DocumentType::kOther, "MX"},
    {"Cartilla de Servicio Militar Nacional", DocumentType::kOther, "MX"},
    {"NIT", DocumentType::kOther},
    {"RTN", DocumentType::kOther},
    {"RUC", DocumentType::kOther},
    {"C.U.I.T.", DocumentType::kOther, "AR"},
    {"Stateless Person ID Card", DocumentType::kOther},
});

// "-0-" is OFAC's word for nothing.
std::string_view Value(const CsvField& field) {
  const std::string_view text = Trim(field.text);
  return text == kNull ? std::string_view() : text;
}

bool IsNumber(std::string_view text) {
  return !text.empty() && text.size() <= 10 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "FAMILY, Given Names" as "Given Names FAMILY".
std::string NaturalOrder(std::string_view name) {
  const std::size_t comma = name.find(',');
  if (comma == std::string_view::npos) {
    return std::string(name);
  }
  return std::string(name.substr(comma + 1)) + " " + std::string(name.substr(0, comma));
}

bool RemovePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) {
    return false;
  }
  text = Trim(text.substr(prefix.size()));
  return true;
}

bool IsWordEnd(char c) { return c == ' ' || c == ':' || c == '#'; }

// "BC045629 (Spain) issued …": the number and the issuer.
Status AddDocument(const DocumentRemark& kind, std::string_view text, Draft& draft) {
  std::string_view number = text.substr(0, text.find(" ("));
  for (const std::string_view end : {" issued ", " expires ", ", "}) {
    number = number.substr(0, number.find(end));
  }
  while (RemovePrefix(number, "#") || RemovePrefix(number, ":")) {
  }
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (std::none_of(number.begin(), number.end(), is_digit)) {
    return {};  // "Passport issued by …": a remark about a document, not its number
  }
  std::string_view issuer = kind.issuer;
  if (const std::size_t open = text.find('('); open != std::string_view::npos) {
    issuer = text.substr(open + 1, text.find(')', open) - open - 1);
  }
  return draft.AddDocument(kind.type, issuer, number);
}

// One of the remarks that are separated by "; ". What is no name, date, place or document of the
// person is passed over.
Status AddRemark(std::string_view remark, Draft& draft) {
  RemovePrefix(remark, "alt. ");
  if (RemovePrefix(remark, "DOB ")) {
    return draft.AddWrittenBirthDate(remark);
  }
  if (RemovePrefix(remark, "POB ")) {
    return draft.AddBirthPlace(remark);
  }
  if (RemovePrefix(remark, "a.k.a. ")) {
    if (remark.size() >= 2 && remark.front() == '\'' && remark.back() == '\'') {
      remark = remark.substr(1, remark.size() - 2);
    }
    return draft.AddName(NaturalOrder(remark), NameQuality::kWeak);
  }
  for (const DocumentRemark& kind : kDocumentRemarks) {
    std::string_view rest = remark;
    if (remark.size() > kind.prefix.size() && RemovePrefix(rest, kind.prefix) &&
        IsWordEnd(remark[kind.prefix.size()])) {
      return AddDocument(kind, rest, draft);
    }
  }
  return {};
}

class OfacReader final : public EntryReader {
 public:
  OfacReader(std::unique_ptr<Intake> main_intake, std::unique_ptr<Intake> alt,
             std::unique_ptr<Intake> add)
      : EntryReader(std::move(main_intake)), alt_(std::move(alt)), add_(std::move(add)) {
    if (alt_ != nullptr) {
      alt_rows_.emplace(*alt_);
    }
    if (add_ != nullptr) {
      add_rows_.emplace(*add_);
    }
  }

 protected:
  // The side files come first: aliases are needed when their person is read.
  Result<std::optional<Entry>> NextEntry() override {
    if (alt_rows_) {
      ENTENTE_ASSIGN(const bool has_row, alt_rows_->Next(row_));
      if (has_row) {
        ENTENTE_ASSIGN(auto outcome, ReadAlias());
        return std::optional<Entry>({alt_->name(), row_.line, std::move(outcome)});
      }
      alt_rows_.reset();
    }
    if (add_rows_) {
      ENTENTE_ASSIGN(const bool has_row, add_rows_->Next(row_));
      if (has_row) {
        return std::optional<Entry>({add_->name(), row_.line, CheckAddress()});
      }
      add_rows_.reset();
    }
    ENTENTE_ASSIGN(const bool has_row, main_rows_.Next(row_));
    if (!has_row) {
      return std::optional<Entry>();
    }
    return std::optional<Entry>({main().name(), row_.line, ReadPerson()});
  }
  std::string RawEntry() const override { return std::string(row_.raw); }

 private:
  using Outcome = std::variant<Skipped, Record, Fault>;

  // What is wrong with the row's shape.
  std::optional<Fault> CheckShape(std::size_t column_count) const {
    if (row_.fault) {
      return row_.fault;
    }
    if (row_.fields.size() != column_count) {
      return row_.At(0, std::to_string(row_.fields.size()) + " fields instead of " +
                            std::to_string(column_count) + ": is this OFAC's file?");
    }
    if (!IsNumber(Value(row_.fields[0]))) {
      return row_.At(0, "the entry number is not a number: is this OFAC's file?");
    }
    return std::nullopt;
  }

  Result<Outcome> ReadAlias() {
    if (auto fault = CheckShape(kAltColumns)) {
      return Outcome(*std::move(fault));
    }
    if (aliases_.size() == kOfacAliasesMax) {
      return FatalAt(
          ErrorCode::kLimitExceeded, alt_->name(),
          {row_.line, 1,
           "more than " + std::to_string(kOfacAliasesMax) + " aliases: is this OFAC's file?"});
    }
    const CsvField& name = row_.fields[3];
    Draft draft;  // checks the limits here, where the row is known
    if (const Status status = draft.AddName(name.text, NameQuality::kAlias); !status) {
      return Outcome(row_.At(name.offset, status.error().message));
    }
    aliases_.emplace(Value(row_.fields[0]), NaturalOrder(Value(name)));
    return Outcome(Skipped());
  }

  // Addresses are not kept; the file is only checked so that a wrong one is noticed.
  Outcome CheckAddress() const {
    if (auto fault = CheckShape(kAddColumns)) {
      return *std::move(fault);
    }
    return Skipped();
  }

  Outcome ReadPerson() {
    if (auto fault = CheckShape(kSdnColumns)) {
      return *std::move(fault);
    }
    if (LowerAscii(Value(row_.fields[2])) != "individual") {
      return Skipped();
    }
    const CsvField& name = row_.fields[1];
    const CsvField& remarks = row_.fields[11];
    Draft draft;
    if (const Status status = draft.SetId(Value(row_.fields[0])); !status) {
      return row_.At(0, status.error().message);
    }
    if (const Status status = draft.AddName(NaturalOrder(Value(name)), NameQuality::kPrimary);
        !status) {
      return row_.At(name.offset, status.error().message);
    }
    const auto [begin, end] = aliases_.equal_range(std::string(Value(row_.fields[0])));
    for (auto alias = begin; alias != end; ++alias) {
      if (const Status status = draft.AddName(alias->second, NameQuality::kAlias); !status) {
        return row_.At(0, status.error().message);
      }
    }
    std::string_view text = Value(remarks);
    text.remove_suffix(text.ends_with('.') ? 1 : 0);
    for (const std::string_view remark : Split(text, ';')) {
      if (const Status status = AddRemark(remark, draft); !status) {
        return row_.At(remarks.offset, status.error().message);
      }
    }
    return draft.Take();
  }

  std::unique_ptr<Intake> alt_;
  std::unique_ptr<Intake> add_;
  std::optional<CsvRows> alt_rows_;
  std::optional<CsvRows> add_rows_;
  CsvRows main_rows_{main()};
  CsvRow row_;
  std::unordered_multimap<std::string, std::string> aliases_;  // by entry number
};

}  // namespace

std::unique_ptr<RecordReader> OpenOfac(std::unique_ptr<Intake> main, std::unique_ptr<Intake> alt,
                                       std::unique_ptr<Intake> add) {
  return std::make_unique<OfacReader>(std::move(main), std::move(alt), std::move(add));
}

}  // namespace entente::records

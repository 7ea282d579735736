// The UN Security Council's and the EU's consolidated lists. docs/formats/lists.md §UN, §EU.
#include <charconv>
#include <utility>

#include "entente/records/entry_reader.h"
#include "entente/records/format_readers.h"
#include "entente/records/text.h"
#include "entente/records/xml_entries.h"

namespace entente::records {
namespace {

// Gives one person's child element to the draft. Errors: kInvalidInput with a reason.
using ReadChild = Status (*)(const XmlElement& child, Draft& draft);

// `parts` that are not empty, joined.
std::string Join(std::initializer_list<std::string_view> parts, std::string_view separator) {
  std::string joined;
  for (const std::string_view part : parts) {
    if (!part.empty()) {
      joined.append(joined.empty() ? "" : separator).append(part);
    }
  }
  return joined;
}

// Without remarks in parentheses, which lists put behind a name.
std::string WithoutRemarks(std::string_view text) {
  std::string without;
  while (true) {
    const std::size_t open = text.find('(');
    without.append(text.substr(0, open));
    const std::size_t close = open == std::string_view::npos ? open : text.find(')', open);
    if (close == std::string_view::npos) {
      return without;
    }
    without.push_back(' ');
    text.remove_prefix(close + 1);
  }
}

int ToYear(std::string_view text) {
  int year = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), year);
  return error == std::errc() && end == text.data() + text.size() ? year : 0;
}

Status AddYearSpan(std::string_view from, std::string_view to, Draft& draft) {
  ENTENTE_ASSIGN(const auto years, YearSpan(ToYear(from), ToYear(to)));
  for (const PartialDate& year : years) {
    ENTENTE_TRY(draft.AddBirthDate(year));
  }
  return {};
}

bool HasWord(std::string_view text, std::string_view word) {
  return LowerAscii(text).find(word) != std::string::npos;
}

// ---- UN
// ------------------------------------------------------------------------------------------

Status ReadUnBirthDate(const XmlElement& date, Draft& draft) {
  if (!date.ChildText("FROM_YEAR").empty()) {
    return AddYearSpan(date.ChildText("FROM_YEAR"), date.ChildText("TO_YEAR"), draft);
  }
  const bool is_circa = date.ChildText("TYPE_OF_DATE") == "APPROXIMATELY";
  for (const std::string_view field : {"DATE", "YEAR"}) {
    if (const std::string_view text = date.ChildText(field); !text.empty()) {
      return draft.AddWrittenBirthDate(text, is_circa);
    }
  }
  // Some entries have only a note: a date ("Nov. 1973"), or words that are none.
  if (ParseWrittenDate(date.ChildText("NOTE"))) {
    return draft.AddWrittenBirthDate(date.ChildText("NOTE"), is_circa);
  }
  return {};
}

Status ReadUnAlias(const XmlElement& alias, Draft& draft) {
  const NameQuality quality =
      alias.ChildText("QUALITY") == "Low" ? NameQuality::kWeak : NameQuality::kAlias;
  for (const std::string_view name : Split(alias.ChildText("ALIAS_NAME"), ';')) {
    ENTENTE_TRY(draft.AddName(WithoutRemarks(name), quality));
  }
  if (const std::string_view date = alias.ChildText("DATE_OF_BIRTH"); ParseWrittenDate(date)) {
    ENTENTE_TRY(draft.AddWrittenBirthDate(date));
  }
  return draft.AddBirthPlace(
      Join({alias.ChildText("CITY_OF_BIRTH"), alias.ChildText("COUNTRY_OF_BIRTH")}, ", "));
}

Status ReadUnDocument(const XmlElement& document, Draft& draft) {
  const std::string_view type = document.ChildText("TYPE_OF_DOCUMENT");
  const std::string_view detail = document.ChildText("TYPE_OF_DOCUMENT2");
  const std::string_view words = detail.empty() ? type : detail;
  DocumentType kind = DocumentType::kOther;
  if (HasWord(words, "pass") || HasWord(words, "pasaporte")) {
    kind = DocumentType::kPassport;
  } else if (HasWord(words, "identi")) {
    kind = DocumentType::kNationalId;
  }
  const std::string_view issuer = document.ChildText("ISSUING_COUNTRY");
  return draft.AddDocument(kind, issuer.empty() ? document.ChildText("COUNTRY_OF_ISSUE") : issuer,
                           document.ChildText("NUMBER"));
}

Status ReadUnChild(const XmlElement& child, Draft& draft) {
  if (child.name == "REFERENCE_NUMBER") {
    return draft.SetId(child.text);
  }
  if (child.name == "NAME_ORIGINAL_SCRIPT") {
    return draft.AddName(child.text, NameQuality::kPrimary);
  }
  if (child.name == "INDIVIDUAL_ALIAS") {
    return ReadUnAlias(child, draft);
  }
  if (child.name == "INDIVIDUAL_DATE_OF_BIRTH") {
    return ReadUnBirthDate(child, draft);
  }
  if (child.name == "INDIVIDUAL_PLACE_OF_BIRTH") {
    return draft.AddBirthPlace(Join({child.ChildText("STREET"), child.ChildText("CITY"),
                                     child.ChildText("STATE_PROVINCE"), child.ChildText("COUNTRY")},
                                    ", "));
  }
  if (child.name == "INDIVIDUAL_DOCUMENT") {
    return ReadUnDocument(child, draft);
  }
  return {};
}

Status BeginUnPerson(const XmlElement& person, Draft& draft) {
  return draft.AddName(Join({person.ChildText("FIRST_NAME"), person.ChildText("SECOND_NAME"),
                             person.ChildText("THIRD_NAME"), person.ChildText("FOURTH_NAME")},
                            " "),
                       NameQuality::kPrimary);
}

// ---- EU
// ------------------------------------------------------------------------------------------

// "00" is the EU's code for an unknown country.
std::string_view EuCountry(const XmlElement& element) {
  const std::string_view code = element.Attribute("countryIso2Code");
  return code == "00" ? std::string_view() : code;
}

std::string EuName(const XmlElement& alias) {
  const std::string_view whole = Trim(alias.Attribute("wholeName"));
  return whole.empty() ? Join({alias.Attribute("firstName"), alias.Attribute("middleName"),
                               alias.Attribute("lastName")},
                              " ")
                       : std::string(whole);
}

Status ReadEuName(const XmlElement& alias, Draft& draft) {
  return draft.AddName(EuName(alias), alias.Attribute("strong") == "false" ? NameQuality::kWeak
                                                                           : NameQuality::kAlias);
}

Status ReadEuBirth(const XmlElement& birth, Draft& draft) {
  const bool is_circa = birth.Attribute("circa") == "true";
  const bool is_gregorian =
      birth.Attribute("calendarType").empty() || birth.Attribute("calendarType") == "GREGORIAN";
  const std::string_view from = birth.Attribute("yearRangeFrom");
  if (is_gregorian && !birth.Attribute("birthdate").empty()) {
    ENTENTE_TRY(draft.AddWrittenBirthDate(birth.Attribute("birthdate"), is_circa));
  } else if (is_gregorian && !birth.Attribute("year").empty()) {
    const std::string_view month = birth.Attribute("monthOfYear");
    const std::string_view day = birth.Attribute("dayOfMonth");
    ENTENTE_TRY(draft.AddWrittenBirthDate((day.empty() || month.empty() ? "0" : std::string(day)) +
                                              "." + (month.empty() ? "0" : std::string(month)) +
                                              "." + std::string(birth.Attribute("year")),
                                          is_circa));
  } else if (is_gregorian && !from.empty()) {
    ENTENTE_TRY(AddYearSpan(from, birth.Attribute("yearRangeTo"), draft));
  }
  const std::string_view country = birth.Attribute("countryDescription");
  return draft.AddBirthPlace(Join({birth.Attribute("place"), birth.Attribute("city"),
                                   birth.Attribute("region"), country == "UNKNOWN" ? "" : country},
                                  ", "));
}

Status ReadEuDocument(const XmlElement& document, Draft& draft) {
  const std::string_view code = document.Attribute("identificationTypeCode");
  const DocumentType type = code == "passport" ? DocumentType::kPassport
                            : code == "id"     ? DocumentType::kNationalId
                                               : DocumentType::kOther;
  std::string_view number = document.Attribute("number");
  if (number.empty()) {
    number = document.Attribute("latinNumber");
  }
  return draft.AddDocument(type, EuCountry(document), number);
}

Status ReadEuChild(const XmlElement& child, Draft& draft) {
  if (child.name == "nameAlias") {
    return ReadEuName(child, draft);
  }
  if (child.name == "birthdate") {
    return ReadEuBirth(child, draft);
  }
  if (child.name == "identification") {
    return ReadEuDocument(child, draft);
  }
  return {};
}

// The first name is the one the entry is filed under.
Status BeginEuPerson(const XmlElement& person, Draft& draft) {
  const std::string_view reference = person.Attribute("euReferenceNumber");
  ENTENTE_TRY(draft.SetId(reference.empty() ? person.Attribute("logicalId") : reference));
  for (const XmlElement& child : person.children) {
    if (child.name == "nameAlias") {
      return draft.AddName(EuName(child), NameQuality::kPrimary);
    }
  }
  return {};
}

bool IsEuPerson(const XmlElement& entity) {
  for (const XmlElement& child : entity.children) {
    if (child.name == "subjectType") {
      return child.Attribute("code") == "person";
    }
  }
  return false;
}

bool IsUnPerson(const XmlElement& entity) { return entity.name == "INDIVIDUAL"; }

// ---- both
// ----------------------------------------------------------------------------------------

struct XmlFormat {
  std::string_view root_name;
  std::vector<std::string_view> entry_names;
  bool (*is_person)(const XmlElement& entry);
  ReadChild begin;  // is given the person itself
  ReadChild read_child;
};

class XmlReader final : public EntryReader {
 public:
  XmlReader(std::unique_ptr<Intake> main_intake, const XmlFormat& format)
      : EntryReader(std::move(main_intake)),
        format_(format),
        entries_(main(), format.root_name, format.entry_names) {}

 protected:
  Result<std::optional<Entry>> NextEntry() override {
    ENTENTE_ASSIGN(auto element, entries_.Next());
    if (!element) {
      return std::optional<Entry>();
    }
    element_ = *std::move(element);
    return std::optional<Entry>({main().name(), element_.line, Read()});
  }
  std::string RawEntry() const override { return WriteXml(element_); }

 private:
  static Fault At(const XmlElement& element, const std::string& reason) {
    return {element.line, element.column, element.name + ": " + reason};
  }

  std::variant<Skipped, Record, Fault> Read() const {
    if (element_.is_too_large) {
      return At(element_, "longer than " + std::to_string(kEntryBytesMax) + " bytes");
    }
    if (!format_.is_person(element_)) {
      return Skipped();
    }
    Draft draft;
    if (const Status status = format_.begin(element_, draft); !status) {
      return At(element_, status.error().message);
    }
    for (const XmlElement& child : element_.children) {
      if (const Status status = format_.read_child(child, draft); !status) {
        return At(child, status.error().message);
      }
    }
    return draft.Take();
  }

  XmlFormat format_;
  XmlEntries entries_;
  XmlElement element_;
};

}  // namespace

std::unique_ptr<RecordReader> OpenUn(std::unique_ptr<Intake> main) {
  return std::make_unique<XmlReader>(std::move(main), XmlFormat{"CONSOLIDATED_LIST",
                                                                {"INDIVIDUAL", "ENTITY"},
                                                                &IsUnPerson,
                                                                &BeginUnPerson,
                                                                &ReadUnChild});
}

std::unique_ptr<RecordReader> OpenEu(std::unique_ptr<Intake> main) {
  return std::make_unique<XmlReader>(
      std::move(main),
      XmlFormat{"export", {"sanctionEntity"}, &IsEuPerson, &BeginEuPerson, &ReadEuChild});
}

}  // namespace entente::records

#include "apps/entente-exercise/generator.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "apps/entente-exercise/spelling_table.h"
#include "entente/records/record.h"

namespace entente::exercise {
namespace {

using records::PartialDate;

constexpr std::string_view kHeader =
    "id,name,alias,birth_date,birth_place,document_type,document_issuer,document_number\n";

enum class Script { kArabic, kLatin };

// As list A writes it in Arabic, as it writes it in Latin, as list B does.
struct Place {
  std::string_view arabic;
  std::string_view latin_a;
  std::string_view latin_b;
};

constexpr auto kArabPlaces = std::to_array<Place>({
    {"الدار البيضاء", "Casablanca", "Casablanca"},
    {"الرباط", "Rabat", "Rabat"},
    {"فاس", "Fès", "Fes"},
    {"مراكش", "Marrakech", "Marrakesch"},
    {"طنجة", "Tanger", "Tanger"},
    {"مكناس", "Meknès", "Meknes"},
    {"وجدة", "Oujda", "Oujda"},
    {"القنيطرة", "Kénitra", "Kenitra"},
    {"أكادير", "Agadir", "Agadir"},
    {"تطوان", "Tétouan", "Tetuan"},
    {"آسفي", "Safi", "Safi"},
    {"الناظور", "Nador", "Nador"},
    {"خريبكة", "Khouribga", "Khouribga"},
    {"بني ملال", "Béni Mellal", "Beni Mellal"},
    {"تازة", "Taza", "Taza"},
    {"الحسيمة", "Al Hoceïma", "Al Hoceima"},
    {"الجزائر", "Alger", "Algier"},
    {"وهران", "Oran", "Oran"},
    {"تونس", "Tunis", "Tunis"},
    {"صفاقس", "Sfax", "Sfax"},
});

constexpr auto kEuropePlaces = std::to_array<Place>({
    {"", "Berlin", "Berlin"},
    {"", "Hambourg", "Hamburg"},
    {"", "Cologne", "Köln"},
    {"", "Munich", "München"},
    {"", "Francfort", "Frankfurt am Main"},
    {"", "Düsseldorf", "Düsseldorf"},
    {"", "Bruxelles", "Brüssel"},
    {"", "Paris", "Paris"},
    {"", "Lyon", "Lyon"},
    {"", "Vienne", "Wien"},
    {"", "Zurich", "Zürich"},
    {"", "Milan", "Mailand"},
});

struct Person {
  std::vector<const Token*> tokens;    // given names first
  std::vector<std::size_t> spellings;  // one for each token
  PartialDate birth_date;              // year 0: unknown
  const Place* birth_place = nullptr;
  std::string document;  // "type,issuer,number", or ""

  bool IsArab() const { return !tokens.front()->arabic.empty(); }
};

std::string Name(const Person& person, Script script) {
  std::string name;
  for (std::size_t i = 0; i < person.tokens.size(); ++i) {
    const Token& token = *person.tokens[i];
    name += i == 0 ? "" : " ";
    name += script == Script::kArabic ? token.arabic : token.latin[person.spellings[i]];
  }
  return name;
}

// Everything that is drawn, from one stream of random numbers.
class Population {
 public:
  explicit Population(std::uint64_t seed) : random_(seed) {}

  SeededRandomForTests& random() { return random_; }
  std::uint64_t Below(std::uint64_t bound) { return exercise::Below(random_, bound); }
  bool Chance(std::uint64_t percent) { return exercise::Chance(random_, percent); }

  // Given names, perhaps a father's, and a family name; with a full date.
  Person Draw(bool is_arab) {
    Person person;
    DrawGiven(is_arab, person);
    const std::uint64_t shape = Below(100);
    const bool has_third = shape < (is_arab ? 55U : 20U);
    if (has_third) {
      DrawGiven(is_arab, person);
    }
    person.tokens.push_back(DrawFamily(is_arab));
    if (is_arab && shape < 10) {
      person.tokens.push_back(DrawFamily(is_arab));
    }
    Spell(person);
    person.birth_date = FullDate();
    if (Chance(60)) {
      person.birth_place = is_arab ? &kArabPlaces[Below(kArabPlaces.size())]
                                   : &kEuropePlaces[Below(kEuropePlaces.size())];
    }
    return person;
  }

  void DrawGiven(bool is_arab, Person& person) {
    if (is_arab && Chance(8)) {
      person.tokens.push_back(&table_.compound_first.front());
      person.tokens.push_back(&table_.compound_second[compound_second_.Pick(random_)]);
    } else if (is_arab) {
      person.tokens.push_back(&table_.arab_given[arab_given_.Pick(random_)]);
    } else {
      person.tokens.push_back(&table_.europe_given[europe_given_.Pick(random_)]);
    }
  }

  const Token* DrawFamily(bool is_arab) {
    return is_arab ? &table_.arab_family[arab_family_.Pick(random_)]
                   : &table_.europe_family[europe_family_.Pick(random_)];
  }

  // Draws a spelling for every token: the more frequent, the likelier.
  void Spell(Person& person) {
    person.spellings.clear();
    for (const Token* token : person.tokens) {
      person.spellings.push_back(ZipfDraw(token->latin.size(), 1).Pick(random_));
    }
  }

  PartialDate FullDate() {
    PartialDate date{.year = static_cast<std::int16_t>(1945 + Below(61)), .month = 1, .day = 1};
    if (!Chance(8)) {
      date.month = static_cast<std::uint8_t>(1 + Below(12));
      date.day = static_cast<std::uint8_t>(1 + Below(28));
    }
    return date;
  }

  // Without a counterpart: dates are often incomplete.
  Person DrawUnrelated() {
    Person person = Draw(Chance(70));
    const std::uint64_t gap = Below(100);
    if (gap < 10) {
      person.birth_date = PartialDate{.year = person.birth_date.year};
    } else if (gap < 15) {
      person.birth_date = {};
    }
    return person;
  }

  std::string Document(bool is_arab) {
    static constexpr std::array<std::string_view, 3> kArabIssuers = {"MA", "DZ", "TN"};
    static constexpr std::array<std::string_view, 3> kEuropeIssuers = {"DE", "FR", "BE"};
    const bool is_passport = Chance(60);
    const auto& issuers = is_arab ? kArabIssuers : kEuropeIssuers;
    std::string text = is_passport ? "passport," : "national_id,";
    text += Chance(80) ? issuers[0] : issuers[Below(issuers.size())];
    text += ',';
    for (int i = 0; i < 2; ++i) {
      text.push_back(static_cast<char>('A' + Below(26)));
    }
    for (int i = 0; i < (is_passport ? 7 : 6); ++i) {
      text.push_back(static_cast<char>('0' + Below(10)));
    }
    return text;
  }

 private:
  const SpellingTable& table_ = SpellingTable::Embedded();
  SeededRandomForTests random_;
  ZipfDraw arab_given_{table_.arab_given.size(), 8};
  ZipfDraw arab_family_{table_.arab_family.size(), 60};
  ZipfDraw compound_second_{table_.compound_second.size(), 4};
  ZipfDraw europe_given_{table_.europe_given.size(), 20};
  ZipfDraw europe_family_{table_.europe_family.size(), 40};
};

enum class Side { kA, kB };

// One line of a list, without its id.
std::string Row(const Person& person, Side side, Script script, std::string_view alias) {
  std::string row = Name(person, script) + ",";
  row.append(alias).append(",");
  row += person.birth_date.year != 0 ? FormatPartialDate(person.birth_date) : "";
  row += ",";
  if (const Place* place = person.birth_place; place != nullptr) {
    const bool is_arabic = script == Script::kArabic && !place->arabic.empty();
    row += is_arabic ? place->arabic : side == Side::kA ? place->latin_a : place->latin_b;
  }
  row += ",";
  return row + (person.document.empty() ? ",," : person.document);
}

// A row in the script that suits the list, perhaps with a second name.
std::string OwnRow(Population& population, Person person, Side side) {
  const bool is_arabic = person.IsArab() && population.Chance(side == Side::kA ? 50 : 5);
  const Script script = is_arabic ? Script::kArabic : Script::kLatin;
  std::string alias;
  if (population.Chance(10) && person.IsArab()) {
    alias = Name(person, is_arabic ? Script::kLatin : Script::kArabic);
  }
  if (person.document.empty() && population.Chance(20)) {
    person.document = population.Document(person.IsArab());
  }
  return Row(person, side, script, alias);
}

struct Pair {
  std::string a;
  std::string b;
  std::string_view kind;
};

// The date as the other list has it when one of them is wrong.
PartialDate Damaged(Population& population, const PartialDate& date, std::string_view kind) {
  PartialDate damaged = date;
  if (kind == "date_day") {
    damaged.day = static_cast<std::uint8_t>(1 + (date.day + population.Below(27)) % 28);
  } else if (kind == "date_swapped") {
    std::swap(damaged.day, damaged.month);
  } else if (kind == "date_year") {
    ++damaged.year;
  } else {
    damaged = population.FullDate();
    damaged.year = static_cast<std::int16_t>(damaged.year + (damaged.year == date.year ? 1 : 0));
  }
  return damaged;
}

bool IsSwappable(const PartialDate& date) { return date.day <= 12 && date.day != date.month; }

// A copy with another attested spelling of at least one token.
std::optional<Person> Respelled(Population& population, const Person& person) {
  Person other = person;
  for (int attempt = 0; attempt < 20; ++attempt) {
    population.Spell(other);
    if (other.spellings != person.spellings) {
      return other;
    }
  }
  return std::nullopt;
}

// By hundredths of all persons in common; each kind gets exactly its share.
std::string_view CommonKind(std::uint64_t index, std::uint64_t count) {
  static constexpr auto kShares =
      std::to_array<std::pair<std::uint64_t, std::string_view>>({{40, "other_script"},
                                                                 {70, "other_spelling"},
                                                                 {76, "date_day"},
                                                                 {79, "date_swapped"},
                                                                 {82, "date_year"},
                                                                 {85, "date_other"},
                                                                 {100, "year_only"}});
  const std::uint64_t hundredth = index * 100 / count;
  return std::find_if(kShares.begin(), kShares.end(),
                      [&](const auto& share) { return hundredth < share.first; })
      ->second;
}

Pair CommonPair(Population& population, std::string_view kind) {
  const bool needs_arab = kind == "other_script" || kind == "other_spelling";
  Person a = population.Draw(needs_arab || population.Chance(70));
  while (kind == "date_swapped" && !IsSwappable(a.birth_date)) {
    a.birth_date = population.FullDate();
  }
  Person b = a;
  if (kind == "other_spelling") {
    auto respelled = Respelled(population, a);
    if (!respelled) {
      return CommonPair(population, kind);
    }
    b = *std::move(respelled);
  } else if (kind == "year_only") {
    Person& vague = population.Chance(50) ? a : b;
    vague.birth_date = PartialDate{.year = vague.birth_date.year};
  } else if (kind.starts_with("date_")) {
    b.birth_date = Damaged(population, b.birth_date, kind);
  }
  if (population.Chance(10)) {
    a.document = b.document = population.Document(a.IsArab());
  } else if (population.Chance(20)) {
    (population.Chance(50) ? a : b).document = population.Document(a.IsArab());
  }
  const bool is_other_script = kind == "other_script";
  const bool is_a_arabic = is_other_script && population.Chance(70);
  const Script script_a = is_a_arabic ? Script::kArabic : Script::kLatin;
  const Script script_b = is_other_script && !is_a_arabic ? Script::kArabic : Script::kLatin;
  return {Row(a, Side::kA, script_a, ""), Row(b, Side::kB, script_b, ""), kind};
}

// How many tokens the person's own given name has.
std::ptrdiff_t GivenSize(const Person& person) {
  const Token* first = &SpellingTable::Embedded().compound_first.front();
  return person.tokens.front() == first ? 2 : 1;
}

Pair DecoyPair(Population& population, std::uint64_t index) {
  static constexpr std::array<std::string_view, 4> kKinds = {"decoy_sibling", "decoy_father_son",
                                                             "decoy_namesake", "decoy_same_date"};
  const std::string_view kind = kKinds[index % kKinds.size()];
  const bool is_arab = population.Chance(70);
  Person a = population.Draw(is_arab);
  Person b = population.Draw(is_arab);
  if (kind == "decoy_namesake") {
    b.tokens = a.tokens;
    b.spellings = a.spellings;
    b.birth_date.year = static_cast<std::int16_t>(
        1945 + (a.birth_date.year - 1945 + 2 + static_cast<int>(population.Below(57))) % 61);
  } else {
    b.tokens.clear();
    population.DrawGiven(is_arab, b);
    while (b.tokens.front() == a.tokens.front()) {
      b.tokens.clear();
      population.DrawGiven(is_arab, b);
    }
    if (kind == "decoy_same_date") {
      b.tokens.push_back(population.DrawFamily(is_arab));
      b.tokens.push_back(a.tokens.back());
      b.birth_date = a.birth_date;
    } else {
      // A sibling shares all but the given name; a son bears his father's names after his own.
      const bool is_sibling = kind == "decoy_sibling";
      b.tokens.insert(b.tokens.end(), a.tokens.begin() + (is_sibling ? GivenSize(a) : 0),
                      a.tokens.end());
      a.birth_date.year = static_cast<std::int16_t>(1945 + population.Below(20));
      b.birth_date.year = static_cast<std::int16_t>(
          a.birth_date.year + static_cast<int>((is_sibling ? 1 : 20) + population.Below(10)));
    }
    population.Spell(b);
  }
  return {OwnRow(population, a, Side::kA), OwnRow(population, b, Side::kB), kind};
}

// Rows in random order with ids in that order, and the place of each row.
class List {
 public:
  List(char letter, std::vector<std::string> rows, SeededRandomForTests& random)
      : letter_(letter), rows_(std::move(rows)), order_(rows_.size()), place_(rows_.size()) {
    for (std::size_t i = 0; i < order_.size(); ++i) {
      order_[i] = i;
    }
    for (std::size_t i = order_.size(); i > 1; --i) {
      std::swap(order_[i - 1], order_[Below(random, i)]);
    }
    for (std::size_t i = 0; i < order_.size(); ++i) {
      place_[order_[i]] = i;
    }
  }

  std::string Id(std::size_t index) const { return IdAt(place_[index]); }
  std::string Text() const {
    std::string text(kHeader);
    for (std::size_t i = 0; i < order_.size(); ++i) {
      text.append(IdAt(i)).append(",").append(rows_[order_[i]]).append("\n");
    }
    return text;
  }

 private:
  std::string IdAt(std::size_t place) const {
    const std::string digits = std::to_string(place + 1);
    return letter_ + ("-" + std::string(digits.size() < 6 ? 6 - digits.size() : 0, '0') + digits);
  }

  char letter_;
  std::vector<std::string> rows_;
  std::vector<std::size_t> order_;  // order_[place] is a row's index
  std::vector<std::size_t> place_;  // place_[index] is its place
};

}  // namespace

Result<Lists> MakeLists(const Plan& plan) {
  if (plan.record_count > kRecordsMax || plan.common_count > plan.record_count ||
      plan.decoy_count > plan.record_count - plan.common_count) {
    return Error{ErrorCode::kInvalidInput,
                 "the records have to hold the common persons and the decoys, and be at most " +
                     std::to_string(kRecordsMax)};
  }
  Population population(plan.seed);
  std::vector<std::string> rows_a;
  std::vector<std::string> rows_b;
  std::vector<std::string_view> kinds;
  const auto add = [&](Pair pair) {
    rows_a.push_back(std::move(pair.a));
    rows_b.push_back(std::move(pair.b));
    kinds.push_back(pair.kind);
  };
  for (std::uint64_t i = 0; i < plan.common_count; ++i) {
    add(CommonPair(population, CommonKind(i, plan.common_count)));
  }
  for (std::uint64_t i = 0; i < plan.decoy_count; ++i) {
    add(DecoyPair(population, i));
  }
  while (rows_a.size() < plan.record_count) {
    rows_a.push_back(OwnRow(population, population.DrawUnrelated(), Side::kA));
    rows_b.push_back(OwnRow(population, population.DrawUnrelated(), Side::kB));
  }
  const List a('A', std::move(rows_a), population.random());
  const List b('B', std::move(rows_b), population.random());
  std::string truth = "id_a,id_b,kind\n";
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    truth += a.Id(i) + "," + b.Id(i) + "," + std::string(kinds[i]) + "\n";
  }
  return Lists{a.Text(), b.Text(), std::move(truth)};
}

void WriteRows(std::uint64_t seed, std::uint64_t row_count,
               const std::function<void(std::string_view)>& write) {
  Population population(seed);
  write(kHeader);
  for (std::uint64_t i = 1; i <= row_count; ++i) {
    write("R-" + std::to_string(i) + "," +
          OwnRow(population, population.DrawUnrelated(), Side::kA) + "\n");
  }
}

}  // namespace entente::exercise

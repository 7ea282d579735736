#include "entente/match/keys.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "entente/base/check.h"
#include "entente/match/internal/thresholds.h"
#include "entente/names/tokenize.h"

namespace entente::match {
namespace {

constexpr std::size_t kTokensPerName = 6;
constexpr std::size_t kTokensPerKey = 4;

constexpr RuleInfo kRules[] = {
    {RuleId::kFullDate, 'F', "name and full birth date"},
    {RuleId::kYear, 'Y', "names and birth year"},
    {RuleId::kMonthDay, 'M', "names, birth day and month"},
    {RuleId::kDocument, 'D', "document number"},
};

// What a birth date gives away, and what it is worth: births spread over about 66 years.
constexpr Bits16 kFullDateBits = 218;        // 13.6 bits: 66 · 365 dates, less for either order
constexpr Bits16 kFirstOfJanuaryBits = 152;  // 9.5 bits: entered when only the year is known
constexpr Bits16 kMonthDayBits = 130;        // 8.1 bits
constexpr Bits16 kYearBits = 86;             // 5.4 bits

struct DateForm {
  const NameRule* rule;
  std::string text;
  Bits16 bits;
};

struct Reading {
  std::string skeleton;
  Bits16 bits;
};

using TokenReadings = std::vector<Reading>;

struct RatedKey {
  Bits16 bits;
  Key key;
};

std::string TwoDigits(unsigned value) {
  return {static_cast<char>('0' + value / 10), static_cast<char>('0' + value % 10)};
}

// "0203" for 2 March and 3 February: lists mix up the order.
std::string EitherOrder(const records::PartialDate& date) {
  const unsigned low = std::min<unsigned>(date.month, date.day);
  const unsigned high = std::max<unsigned>(date.month, date.day);
  return date.day > 12 ? TwoDigits(date.month) + TwoDigits(date.day)
                       : TwoDigits(low) + TwoDigits(high);
}

std::vector<DateForm> FormsOf(const records::PartialDate& date, const Thresholds& thresholds) {
  std::vector<DateForm> forms;
  const std::string year = std::to_string(date.year);
  if (date.day != 0 && !date.is_circa) {
    const bool is_first_of_january = date.month == 1 && date.day == 1;
    forms.push_back({&thresholds.full_date, year + EitherOrder(date),
                     is_first_of_january ? kFirstOfJanuaryBits : kFullDateBits});
    if (!is_first_of_january) {
      forms.push_back({&thresholds.month_day, EitherOrder(date), kMonthDayBits});
    }
  }
  forms.push_back({&thresholds.year, year, kYearBits});
  return forms;
}

// The readings of a token that keys use: the likeliest, and those not much rarer.
TokenReadings ReadingsOf(const names::Token& token, const Thresholds& thresholds) {
  struct Ranked {
    Bits16 cost;
    Reading reading;
  };
  std::vector<Ranked> ranked;
  Bits16 step = 0;
  for (const std::string& skeleton : token.skeletons) {
    const Bits16 bits = PublicFrequencies().BitsOf(skeleton);
    ranked.push_back({bits + step, {skeleton, bits}});
    step += thresholds.reading_step;
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const Ranked& a, const Ranked& b) { return a.cost < b.cost; });
  TokenReadings readings;
  for (const Ranked& candidate : ranked) {
    if (readings.size() < thresholds.readings_max &&
        candidate.cost - ranked.front().cost <= thresholds.reading_gap_max) {
      readings.push_back(candidate.reading);
    }
  }
  return readings;
}

// Every minimal choice of tokens, one reading each, that reaches a threshold.
class SubsetSearch {
 public:
  SubsetSearch(const std::vector<TokenReadings>& tokens, const DateForm& form)
      : tokens_(tokens), form_(form), need_(form.rule->bits_min - form.bits) {}

  std::vector<RatedKey> Run() {
    Visit(0, 0);
    std::sort(found_.begin(), found_.end(), [](const RatedKey& a, const RatedKey& b) {
      return a.bits != b.bits ? a.bits > b.bits : a.key < b.key;
    });
    if (found_.size() > form_.rule->keys_max) {
      found_.resize(form_.rule->keys_max);
    }
    return std::move(found_);
  }

 private:
  void Visit(std::size_t at, Bits16 bits) {
    if (chosen_.size() >= form_.rule->tokens_min && bits >= need_) {
      if (IsMinimal(bits)) {
        Emit(bits);
      }
      return;  // one more token would not be minimal
    }
    if (at == tokens_.size() || chosen_.size() == kTokensPerKey) {
      return;
    }
    for (const Reading& reading : tokens_[at]) {
      chosen_.push_back(&reading);
      Visit(at + 1, bits + reading.bits);
      chosen_.pop_back();
    }
    Visit(at + 1, bits);
  }

  bool IsMinimal(Bits16 bits) const {
    return chosen_.size() == form_.rule->tokens_min ||
           std::all_of(chosen_.begin(), chosen_.end(),
                       [&](const Reading* reading) { return bits - reading->bits < need_; });
  }

  void Emit(Bits16 bits) {
    std::vector<std::string_view> parts;
    for (const Reading* reading : chosen_) {
      parts.push_back(reading->skeleton);
    }
    std::sort(parts.begin(), parts.end());
    std::string text(1, InfoOf(form_.rule->rule).code);
    text.append("|").append(form_.text);
    for (const std::string_view part : parts) {
      text.append("|").append(part);
    }
    found_.push_back({bits + form_.bits, {form_.rule->rule, std::move(text)}});
  }

  const std::vector<TokenReadings>& tokens_;
  const DateForm& form_;
  Bits16 need_;
  std::vector<const Reading*> chosen_;
  std::vector<RatedKey> found_;
};

std::vector<TokenReadings> TokensOf(const records::Name& name, const Thresholds& thresholds) {
  std::vector<TokenReadings> tokens;
  const auto written = names::Tokenize(name.text.Reveal());
  if (!written) {
    return tokens;
  }
  for (const names::Token& token : *written) {
    tokens.push_back(ReadingsOf(token, thresholds));
  }
  std::stable_sort(
      tokens.begin(), tokens.end(), [](const TokenReadings& a, const TokenReadings& b) {
        return a.front().bits != b.front().bits ? a.front().bits > b.front().bits
                                                : a.front().skeleton < b.front().skeleton;
      });
  tokens.resize(std::min(tokens.size(), kTokensPerName));
  return tokens;
}

}  // namespace

const Thresholds kThresholds = {
    .full_date = {RuleId::kFullDate, 1, 27 * kBit, 8},
    .year = {RuleId::kYear, 2, 33 * kBit, 8},
    .month_day = {RuleId::kMonthDay, 2, 33 * kBit, 8},
    .readings_max = 2,
    .reading_gap_max = 4 * kBit,
    .reading_step = kBit,
};

std::span<const RuleInfo> Rules() { return kRules; }

const RuleInfo& InfoOf(RuleId id) { return kRules[static_cast<std::size_t>(id)]; }

std::vector<Key> BuildKeysWith(const records::Record& record, const Thresholds& thresholds) {
  std::vector<RatedKey> rated;
  std::vector<DateForm> forms;
  for (const records::PartialDate& date : record.birth_dates) {
    for (DateForm& form : FormsOf(date, thresholds)) {
      forms.push_back(std::move(form));
    }
  }
  for (const records::Name& name : record.names) {
    const std::vector<TokenReadings> tokens = TokensOf(name, thresholds);
    for (const DateForm& form : forms) {
      for (RatedKey& key : SubsetSearch(tokens, form).Run()) {
        rated.push_back(std::move(key));
      }
    }
  }
  std::sort(rated.begin(), rated.end(), [](const RatedKey& a, const RatedKey& b) {
    return a.bits != b.bits ? a.bits > b.bits : a.key < b.key;
  });
  rated.erase(std::unique(rated.begin(), rated.end(),
                          [](const RatedKey& a, const RatedKey& b) { return a.key == b.key; }),
              rated.end());
  rated.resize(std::min(rated.size(), kKeysMax));
  std::vector<Key> keys;
  for (RatedKey& key : rated) {
    keys.push_back(std::move(key.key));
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

std::vector<Key> BuildKeys(const records::Record& record) {
  return BuildKeysWith(record, kThresholds);
}

std::string SchemeText() { return std::string(kSchemeId); }

crypto::Digest SchemeDigest() { return crypto::Sha256(AsBytes(SchemeText())); }

}  // namespace entente::match

#include "entente/match/internal/name_keys.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

#include "entente/names/tokenize.h"

namespace entente::match {
namespace {

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

// The readings of a token that keys use: the likeliest, and those not much rarer.
TokenReadings ReadingsOf(const names::Token& token, std::size_t place,
                         const Thresholds& thresholds) {
  struct Candidate {
    Bits16 cost;
    Reading reading;
  };
  std::vector<Candidate> candidates;
  Bits16 step = 0;
  for (const std::string& skeleton : token.skeletons) {
    const Bits16 bits = PublicFrequencies().BitsOf(skeleton);
    candidates.push_back({bits + step, {skeleton, bits, 0, place}});
    step += thresholds.reading_step;
  }
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return a.cost != b.cost ? a.cost < b.cost : a.reading.skeleton < b.reading.skeleton;
  });
  TokenReadings readings;
  for (Candidate& candidate : candidates) {
    candidate.reading.doubt = candidate.cost - candidates.front().cost;
    if (readings.size() < thresholds.readings_max &&
        candidate.reading.doubt <= thresholds.reading_gap_max) {
      readings.push_back(candidate.reading);
    }
  }
  return readings;
}

// A choice of tokens with one reading each.
struct Choice {
  std::vector<const Reading*> readings;
  Bits16 bits = 0;
  Bits16 doubt = 0;
  bool is_whole = false;  // every token of the name
};

// A whole name keeps its order but starts at its smallest part: "SURNAME Given" is "Given SURNAME".
template <typename Text>
std::vector<Text> LeastRotation(std::vector<Text> parts) {
  std::vector<Text> least = parts;
  for (std::size_t turn = 1; turn < parts.size(); ++turn) {
    std::rotate(parts.begin(), parts.begin() + 1, parts.end());
    least = std::min(least, parts);
  }
  return least;
}

// Parts of a name are sorted: lists leave out different ones.
std::vector<std::string_view> OrderedSkeletons(Choice choice) {
  std::sort(choice.readings.begin(), choice.readings.end(),
            [](const Reading* a, const Reading* b) { return a->place < b->place; });
  std::vector<std::string_view> skeletons;
  skeletons.reserve(choice.readings.size());
  for (const Reading* reading : choice.readings) {
    skeletons.push_back(reading->skeleton);
  }
  if (choice.is_whole) {
    return LeastRotation(std::move(skeletons));
  }
  std::sort(skeletons.begin(), skeletons.end());
  return skeletons;
}

// Every smallest choice of a name's tokens that reaches a threshold: parts of the name that reach
// theirs, and the whole name where no part of it does.
class ChoiceSearch {
 public:
  ChoiceSearch(const std::vector<TokenReadings>& tokens, const SkeletonRule& rule, Bits16 date_bits)
      : tokens_(tokens),
        tokens_min_(rule.tokens_min),
        whole_need_(rule.whole_bits_min - date_bits),
        part_need_(rule.part_bits_min - date_bits) {}

  // The least doubtful first, at most `choices_max`.
  std::vector<Choice> Run(std::size_t choices_max) {
    Visit(0);
    std::sort(found_.begin(), found_.end(), [](const Choice& a, const Choice& b) {
      return std::tuple(a.doubt, -a.bits, OrderedSkeletons(a)) <
             std::tuple(b.doubt, -b.bits, OrderedSkeletons(b));
    });
    found_.resize(std::min(found_.size(), choices_max));
    return std::move(found_);
  }

 private:
  // Extends choice_ by the tokens from `at` on, and leaves it as it was.
  void Visit(std::size_t at) {
    const std::size_t count = choice_.readings.size();
    if (count >= tokens_min_ && choice_.bits >= part_need_) {
      if (count == tokens_min_ || IsMinimal()) {
        found_.push_back(choice_);
      }
      return;  // with one more token it would not be minimal
    }
    if (at == tokens_.size()) {
      if (count == tokens_.size() && count >= tokens_min_ && choice_.bits >= whole_need_) {
        found_.push_back(choice_);
        found_.back().is_whole = true;
      }
      return;
    }
    for (const Reading& reading : tokens_[at]) {
      choice_.readings.push_back(&reading);
      choice_.bits += reading.bits;
      choice_.doubt += reading.doubt;
      Visit(at + 1);
      choice_.doubt -= reading.doubt;
      choice_.bits -= reading.bits;
      choice_.readings.pop_back();
    }
    Visit(at + 1);
  }

  bool IsMinimal() const {
    return std::all_of(
        choice_.readings.begin(), choice_.readings.end(),
        [this](const Reading* reading) { return choice_.bits - reading->bits < part_need_; });
  }

  const std::vector<TokenReadings>& tokens_;
  std::size_t tokens_min_;
  Bits16 whole_need_;
  Bits16 part_need_;
  Choice choice_;
  std::vector<Choice> found_;
};

template <typename Text>
Key MakeKey(RuleId rule, std::string_view date, const std::vector<Text>& parts) {
  std::string text(1, InfoOf(rule).code);
  text.append("|").append(date);
  for (const Text& part : parts) {
    text.append("|").append(part);
  }
  return {rule, std::move(text)};
}

// Returns whether there was a key.
bool AppendSkeletonKeys(const ReadName& name, const SkeletonRule& rule, std::string_view date,
                        Bits16 date_bits, const Thresholds& thresholds,
                        std::vector<RatedKey>& keys) {
  const auto choices = ChoiceSearch(name.tokens, rule, date_bits).Run(thresholds.choices_max);
  for (const Choice& choice : choices) {
    keys.push_back({choice.bits + date_bits, MakeKey(rule.id, date, OrderedSkeletons(choice))});
  }
  return !choices.empty();
}

void AppendWrittenKey(const ReadName& name, const WrittenRule& rule, std::string_view date,
                      Bits16 date_bits, std::vector<RatedKey>& keys) {
  Bits16 bits = date_bits;
  for (const TokenReadings& token : name.tokens) {
    bits += token.front().bits;
  }
  const Bits16 bits_min = name.written.size() > 2 ? rule.bits_min : rule.pair_bits_min;
  if (name.written.size() >= 2 && bits >= bits_min) {
    keys.push_back({bits, MakeKey(rule.id, date, LeastRotation(name.written))});
  }
}

}  // namespace

ReadName Read(const records::Name& name, const Thresholds& thresholds) {
  ReadName read;
  const auto tokens = names::Tokenize(name.text.Reveal());
  if (!tokens) {
    return read;
  }
  for (const names::Token& token : *tokens) {
    read.tokens.push_back(ReadingsOf(token, read.written.size(), thresholds));
    read.written.push_back(token.folded);
  }
  std::sort(read.tokens.begin(), read.tokens.end(),
            [](const TokenReadings& a, const TokenReadings& b) {
              const auto rank = [](const Reading& first) {
                return std::tuple(-first.bits, std::string_view(first.skeleton), first.place);
              };
              return rank(a.front()) < rank(b.front());
            });
  read.tokens.resize(std::min(read.tokens.size(), kTokensPerName));
  return read;
}

void AppendNameKeys(const ReadName& name, const records::PartialDate& date,
                    const Thresholds& thresholds, std::vector<RatedKey>& keys) {
  const std::string year = std::to_string(date.year);
  const bool is_first_of_january = date.month == 1 && date.day == 1;
  if (date.day != 0 && !date.is_circa) {
    AppendSkeletonKeys(name, thresholds.full_date, year + EitherOrder(date),
                       is_first_of_january ? kFirstOfJanuaryBits : kFullDateBits, thresholds, keys);
    if (!is_first_of_january) {
      // With the decade: a year one off rarely leaves it, a namesake mostly does.
      AppendWrittenKey(name, thresholds.written_day, year.substr(0, 3) + EitherOrder(date),
                       kDecadeDayBits, keys);
    }
  }
  if (date.month != 0 && !date.is_circa && !is_first_of_january) {
    AppendWrittenKey(name, thresholds.written_month, year + TwoDigits(date.month), kYearMonthBits,
                     keys);
  }
  if (!AppendSkeletonKeys(name, thresholds.year, year, kYearBits, thresholds, keys)) {
    AppendWrittenKey(name, thresholds.written_year, year, kYearBits, keys);
  }
}

}  // namespace entente::match

#include "entente/names/tokenize.h"

#include <algorithm>
#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <utility>

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>
#include <unicode/uchar.h>

#include "entente/base/check.h"
#include "entente/base/utf8.h"
#include "entente/names/tables.h"

namespace entente::names {
namespace {

constexpr std::string_view kVersion = "entente-names/1";
constexpr std::string_view kServantMark = "BD";  // what "Abd" adds to the name it is joined to
constexpr std::string_view kArabicArticle = "ال";
constexpr std::string_view kArabicServant = "عبد";

enum class Script : std::uint8_t { kNone, kLatin, kArabic, kOther };

struct Word {
  Script script;
  std::string text;
};

// A word that carries meaning, with what was joined to it.
struct Stem {
  Script script;
  std::string text;
  bool is_servant = false;  // "Abd" came before
};

// Bytes of the letter at the start of `text`: folded letters have one byte, or two for ç and
// Arabic.
std::size_t LetterSize(std::string_view text) {
  return static_cast<unsigned char>(text.front()) < 0x80 ? 1 : 2;
}

std::size_t LetterCount(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

bool IsVowel(char c) { return std::string_view("aeiouy").find(c) != std::string_view::npos; }
bool IsFrontVowel(char c) { return c == 'e' || c == 'i' || c == 'y'; }
bool IsConsonant(char c) { return c >= 'a' && c <= 'z' && !IsVowel(c) && c != 'w' && c != 'h'; }

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t start = 0;;) {
    const std::size_t end = text.find(separator, start);
    parts.push_back(text.substr(start, end - start));
    if (end == std::string_view::npos) {
      return parts;
    }
    start = end + 1;
  }
}

bool ContextHolds(std::string_view word, std::size_t at, std::size_t end, std::uint8_t context) {
  const char next = end < word.size() ? word[end] : '\0';
  const char before = at > 0 ? word[at - 1] : '\0';
  return (!(context & kAtStart) || at == 0) && (!(context & kAtEnd) || end == word.size()) &&
         (!(context & kBeforeVowel) || IsVowel(next)) &&
         (!(context & kBeforeFrontVowel) || IsFrontVowel(next)) &&
         (!(context & kBeforeConsonant) || IsConsonant(next)) &&
         (!(context & kAfterConsonant) || IsConsonant(before));
}

// ---------------------------------------------------------------------------- folding to words

struct Folded {
  Script script = Script::kNone;
  bool is_joiner = false;  // leaves nothing, and does not end a word
  std::string_view text;
};

bool IsArabicBlock(char32_t c) { return (c >= 0x600 && c <= 0x6FF) || (c >= 0x750 && c <= 0x77F); }

// The fold of every letter that a table row decides.
const std::unordered_map<char32_t, Folded>& FoldIndex() {
  static const auto index = [] {
    std::unordered_map<char32_t, Folded> map;
    for (const FoldRow& row : FoldRows()) {
      for (const char32_t letter : row.letters) {
        const bool is_joiner = row.to.empty();
        const Script script = is_joiner               ? Script::kNone
                              : IsArabicBlock(letter) ? Script::kArabic
                                                      : Script::kLatin;
        map[letter] = {script, is_joiner, row.to};
      }
    }
    return map;
  }();
  return index;
}

// Splits a folded name into words: at everything that is not a letter, and where the script
// changes.
class WordSplitter {
 public:
  void Add(char32_t c) {
    if (c < 0x80 && c >= 'a' && c <= 'z') {
      Extend(Script::kLatin).push_back(static_cast<char>(c));
      return;
    }
    const auto row = FoldIndex().find(c);
    if (row != FoldIndex().end()) {
      if (!row->second.is_joiner) {
        Extend(row->second.script).append(row->second.text);
      }
    } else if (IsArabicBlock(c) && u_isalpha(static_cast<UChar32>(c))) {
      AppendCodePoint(Extend(Script::kArabic), c);
    } else if (u_charType(static_cast<UChar32>(c)) == U_NON_SPACING_MARK) {
      return;
    } else if (u_isalpha(static_cast<UChar32>(c))) {
      AddDecomposed(c);
    } else {
      script_ = Script::kNone;
    }
  }

  std::vector<Word> Take() && { return std::move(words_); }

 private:
  // A Latin letter with a mark is that letter; a letter of another script stays itself.
  void AddDecomposed(char32_t c) {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* nfd = icu::Normalizer2::getNFDInstance(status);
    ENTENTE_CHECK(U_SUCCESS(status));
    icu::UnicodeString parts;
    if (nfd->getDecomposition(static_cast<UChar32>(c), parts) && parts.char32At(0) >= 'a' &&
        parts.char32At(0) <= 'z') {
      Extend(Script::kLatin).push_back(static_cast<char>(parts.char32At(0)));
    } else {
      AppendCodePoint(Extend(Script::kOther), c);
    }
  }

  std::string& Extend(Script script) {
    if (script_ != script) {
      words_.push_back({script, {}});
      script_ = script;
    }
    return words_.back().text;
  }

  std::vector<Word> words_;
  Script script_ = Script::kNone;
};

std::vector<Word> SplitWords(std::string_view name) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* casefold = icu::Normalizer2::getNFKCCasefoldInstance(status);
  ENTENTE_CHECK(U_SUCCESS(status));
  std::string folded;
  icu::StringByteSink<std::string> sink(&folded);
  casefold->normalizeUTF8(0, icu::StringPiece(name.data(), static_cast<std::int32_t>(name.size())),
                          sink, nullptr, status);
  ENTENTE_CHECK(U_SUCCESS(status));
  WordSplitter splitter;
  for (std::size_t at = 0; at < folded.size();) {
    splitter.Add(NextCodePoint(folded, at));
  }
  return std::move(splitter).Take();
}

// ------------------------------------------------------------------------- the rules of a script

// The tables of one script, indexed.
class ScriptRules {
 public:
  ScriptRules(std::span<const ReadingRow> readings, std::span<const WordRow> words,
              std::span<const WordRow> suffix_words, std::span<const PrefixRow> prefixes)
      : prefixes_(prefixes) {
    for (const ReadingRow& row : readings) {
      rows_[Bucket(row.spelling)].push_back({&row, Split(row.readings, '|')});
    }
    for (std::vector<Reading>& bucket : rows_) {
      std::sort(bucket.begin(), bucket.end(), [](const Reading& a, const Reading& b) {
        const auto rank = [](const ReadingRow& row) {
          return std::pair(row.spelling.size(), std::popcount(row.context));
        };
        return rank(*a.row) != rank(*b.row) ? rank(*a.row) > rank(*b.row) : a.row < b.row;
      });
    }
    for (const auto& [table, index] : {std::pair{words, &words_}, {suffix_words, &suffix_words_}}) {
      for (const WordRow& row : table) {
        for (const std::string_view word : Split(row.words, ' ')) {
          index->emplace(word, row.to);
        }
      }
    }
  }

  struct Reading {
    const ReadingRow* row;
    std::vector<std::string_view> options;
  };

  // The row that reads `word` at `at`, or null if that letter is silent.
  const Reading* Find(std::string_view word, std::size_t at) const {
    for (const Reading& reading : rows_[Bucket(word.substr(at))]) {
      const ReadingRow& row = *reading.row;
      if (word.substr(at).starts_with(row.spelling) &&
          ContextHolds(word, at, at + row.spelling.size(), row.context)) {
        return &reading;
      }
    }
    return nullptr;
  }

  // What the lexicon says a word is; null if it says nothing, empty if the word is dropped.
  const std::string_view* Replacement(std::string_view word) const { return Look(words_, word); }
  // What a word adds to the word before it, or null.
  const std::string_view* Suffix(std::string_view word) const { return Look(suffix_words_, word); }
  std::span<const PrefixRow> prefixes() const { return prefixes_; }

 private:
  using WordIndex = std::unordered_map<std::string_view, std::string_view>;

  static const std::string_view* Look(const WordIndex& index, std::string_view word) {
    const auto found = index.find(word);
    return found == index.end() ? nullptr : &found->second;
  }
  // Arabic letters differ in their second byte.
  static std::size_t Bucket(std::string_view text) {
    return static_cast<unsigned char>(text[LetterSize(text) - 1]);
  }

  std::array<std::vector<Reading>, 256> rows_;
  WordIndex words_;
  WordIndex suffix_words_;
  std::span<const PrefixRow> prefixes_;
};

const ScriptRules& RulesOf(Script script) {
  static const ScriptRules latin(LatinReadings(), LatinWords(), LatinSuffixWords(),
                                 LatinPrefixes());
  static const ScriptRules arabic(ArabicReadings(), ArabicWords(), ArabicSuffixWords(),
                                  ArabicPrefixes());
  return script == Script::kArabic ? arabic : latin;
}

// --------------------------------------------------------------------------------- words to stems

// "abdelkrim" → "krim", "abderrahmane" → "rahmane", "abdullah" → "lah"; empty if the word is no
// compound of Abd: "abdi", "abdou", "abidin".
std::string LatinServantOf(std::string_view word) {
  if (!word.starts_with("abd") && !word.starts_with("abt")) {
    return {};
  }
  std::string_view rest = word.substr(word.starts_with("abdh") ? 4 : 3);
  for (int vowels = 0; vowels < 2 && !rest.empty() && IsVowel(rest.front()); ++vowels) {
    rest.remove_prefix(1);
  }
  if (rest.size() < 3) {
    return {};
  }
  const bool is_of_god = rest == "lah" || rest == "llah" || rest == "lla";
  if (!is_of_god && (rest[0] == rest[1] || (rest[0] == 'l' && rest.size() > 3))) {
    rest.remove_prefix(1);
  }
  return is_of_god ? "lah" : std::string(rest);
}

std::string ArabicServantOf(std::string_view word) {
  if (!word.starts_with(kArabicServant)) {
    return {};
  }
  std::string_view rest = word.substr(kArabicServant.size());
  const bool has_article = rest.starts_with(kArabicArticle);
  if (rest == "الله" || rest == "لله" || rest == "له") {
    return "له";
  }
  if (has_article) {
    rest.remove_prefix(kArabicArticle.size());
  }
  return LetterCount(rest) >= (has_article ? 2U : 3U) ? std::string(rest) : std::string();
}

bool IsServantWord(const Word& word) {
  static constexpr std::string_view kLatin[] = {"abd",   "abdal", "abdel", "abdul", "abdol",
                                                "abdu",  "abdur", "abder", "abdus", "abdes",
                                                "abdun", "abden", "abduz", "abdoul"};
  return word.script == Script::kArabic
             ? word.text == kArabicServant
             : std::find(std::begin(kLatin), std::end(kLatin), word.text) != std::end(kLatin);
}

// The Arabic article is written to its word and never part of it.
std::string_view WithoutArabicArticle(std::string_view word) {
  return word.starts_with(kArabicArticle) && LetterCount(word) >= 4
             ? word.substr(kArabicArticle.size())
             : word;
}

// Joins words to stems as Tokenize promises.
class StemBuilder {
 public:
  void Add(const Word& word) {
    last_ = word;
    if (word.script == Script::kOther) {
      Push(word.script, word.text);
      return;
    }
    const ScriptRules& rules = RulesOf(word.script);
    std::string_view text = word.text;
    if (const std::string_view* replacement = rules.Replacement(text)) {
      text = *replacement;
    } else if (const std::string_view* suffix = rules.Suffix(text);
               suffix != nullptr && !stems_.empty() && !is_servant_pending_) {
      stems_.back().text.append(*suffix);
      return;
    }
    if (text.empty() || LetterCount(text) == 1) {
      return;
    }
    if (IsServantWord(word)) {
      is_servant_pending_ = true;
      return;
    }
    AddMeaningful(word.script, text);
  }

  std::vector<Stem> Take() && {
    if (is_servant_pending_ || (stems_.empty() && !last_.text.empty())) {
      is_servant_pending_ = false;
      Push(last_.script, last_.text);
    }
    return std::move(stems_);
  }

 private:
  void AddMeaningful(Script script, std::string_view text) {
    std::string_view bare = script == Script::kArabic ? WithoutArabicArticle(text) : text;
    if (std::string servant =
            script == Script::kArabic ? ArabicServantOf(bare) : LatinServantOf(bare);
        !servant.empty()) {
      is_servant_pending_ = true;
      Push(script, std::move(servant));
      return;
    }
    std::string stem(bare);
    if (script == Script::kArabic) {
      for (const auto& [ending, joined] : {std::pair{"الله", "له"}, {"الدين", "دين"}}) {
        if (stem.ends_with(ending) && LetterCount(stem) >= LetterCount(ending) + 2) {
          stem.replace(stem.size() - std::string_view(ending).size(), std::string::npos, joined);
        }
      }
      if (is_servant_pending_ && (stem == "الله" || stem == "لله")) {
        stem = "له";
      }
    }
    Push(script, std::move(stem));
  }

  void Push(Script script, std::string text) {
    stems_.push_back({script, std::move(text), std::exchange(is_servant_pending_, false)});
  }

  std::vector<Stem> stems_;
  Word last_{Script::kNone, {}};
  bool is_servant_pending_ = false;
};

// ----------------------------------------------------------------------------- stems to skeletons

// A skeleton and how many steps it is away from the likeliest reading.
struct Candidate {
  std::size_t steps = 0;
  std::string text;

  auto operator<=>(const Candidate&) const = default;
};

// Every reading of `word`, the likeliest first, at most kSkeletonsMax after each letter.
std::vector<Candidate> Read(const ScriptRules& rules, std::string_view word, std::size_t steps) {
  std::vector<Candidate> candidates{{steps, {}}};
  for (std::size_t at = 0; at < word.size();) {
    const ScriptRules::Reading* reading = rules.Find(word, at);
    if (reading == nullptr) {
      at += LetterSize(word.substr(at));
      continue;
    }
    at += reading->row->spelling.size();
    if (reading->options.size() == 1) {
      for (Candidate& candidate : candidates) {
        candidate.text.append(reading->options.front());
      }
      continue;
    }
    std::vector<Candidate> longer;
    for (const Candidate& candidate : candidates) {
      for (std::size_t i = 0; i < reading->options.size(); ++i) {
        longer.push_back({candidate.steps + i, candidate.text + std::string(reading->options[i])});
      }
    }
    std::sort(longer.begin(), longer.end());
    longer.resize(std::min(longer.size(), kSkeletonsMax));
    candidates = std::move(longer);
  }
  return candidates;
}

// A doubled Latin letter is one letter (the Arabic shadda is not written), except that "ee" is i
// and "hh" has its own row.
std::string WithoutDoubles(std::string_view word) {
  std::string out;
  for (const char c : word) {
    if (out.empty() || c != out.back() || c == 'h') {
      out.push_back(c);
    } else if (c == 'e') {
      out.back() = 'i';
    }
  }
  return out;
}

// The word without a prefix that `row` says may have been written to it, or nothing.
std::string_view RestAfter(std::string_view word, std::string_view prefix, const PrefixRow& row) {
  if (!word.starts_with(prefix)) {
    return {};
  }
  const std::string_view rest = word.substr(prefix.size());
  const bool is_long_enough = LetterCount(rest) >= row.rest_count_min;
  const bool repeats = !(row.rest_context & kRepeats) || rest.starts_with(prefix.substr(1));
  return is_long_enough && repeats &&
                 ContextHolds(word, 0, prefix.size(), row.rest_context & ~kRepeats)
             ? rest
             : std::string_view();
}

void Finish(std::string& skeleton, bool is_servant) {
  for (std::size_t at = skeleton.find("NB"); at != std::string::npos; at = skeleton.find("NB")) {
    skeleton[at] = 'M';  // Zanbar, Zambar
  }
  if (is_servant) {
    skeleton.erase(0, skeleton.find_first_not_of('A'));
    skeleton.insert(0, kServantMark);
  }
}

Token MakeToken(const Stem& stem) {
  Token token;
  if (stem.script == Script::kOther) {
    token.folded = stem.text;
    token.skeletons.push_back(stem.text);
    return token;
  }
  const bool is_latin = stem.script == Script::kLatin;
  const ScriptRules& rules = RulesOf(stem.script);
  std::vector<Candidate> candidates =
      Read(rules, is_latin ? WithoutDoubles(stem.text) : stem.text, 0);
  std::size_t steps = 0;
  for (const PrefixRow& row : rules.prefixes()) {
    for (const std::string_view prefix : Split(row.prefixes, ' ')) {
      if (const std::string_view rest = RestAfter(stem.text, prefix, row); !rest.empty()) {
        for (Candidate& more :
             Read(rules, is_latin ? WithoutDoubles(rest) : std::string(rest), ++steps)) {
          candidates.push_back(std::move(more));
        }
      }
    }
  }
  std::sort(candidates.begin(), candidates.end());
  for (Candidate& candidate : candidates) {
    Finish(candidate.text, stem.is_servant);
    if (!candidate.text.empty() && token.skeletons.size() < kSkeletonsMax &&
        std::find(token.skeletons.begin(), token.skeletons.end(), candidate.text) ==
            token.skeletons.end()) {
      token.skeletons.push_back(std::move(candidate.text));
    }
  }
  token.folded =
      (stem.is_servant ? (is_latin ? "abd" : std::string(kArabicServant)) : "") + stem.text;
  return token;
}

}  // namespace

Result<std::vector<Token>> Tokenize(std::string_view name_utf8) {
  if (name_utf8.empty() || name_utf8.size() > kNameBytesMax) {
    return Error{ErrorCode::kInvalidInput,
                 "a name must have 1 to " + std::to_string(kNameBytesMax) + " bytes"};
  }
  if (!IsUtf8(name_utf8)) {
    return Error{ErrorCode::kInvalidInput, "a name is not well-formed UTF-8; convert the list"};
  }
  StemBuilder builder;
  for (const Word& word : SplitWords(name_utf8)) {
    builder.Add(word);
  }
  std::vector<Token> tokens;
  for (const Stem& stem : std::move(builder).Take()) {
    if (tokens.size() == kTokensMax) {
      break;
    }
    Token token = MakeToken(stem);
    if (!token.skeletons.empty()) {
      tokens.push_back(std::move(token));
    }
  }
  return tokens;
}

const std::string& TablesText() {
  static const std::string text = [] {
    std::string out = std::string(kVersion) + "\n";
    const auto add = [&out](std::initializer_list<std::string_view> cells) {
      for (const std::string_view cell : cells) {
        out.append(cell).append("\t");
      }
      out.back() = '\n';
    };
    add({"limits", std::to_string(kTokensMax), std::to_string(kSkeletonsMax)});
    for (const FoldRow& row : FoldRows()) {
      std::string letters;
      for (const char32_t letter : row.letters) {
        AppendCodePoint(letters, letter);
      }
      add({"fold", letters, row.to});
    }
    for (const auto& [name, rows] :
         {std::pair{"latin", LatinReadings()}, {"arabic", ArabicReadings()}}) {
      for (const ReadingRow& row : rows) {
        add({name, row.spelling, std::to_string(row.context), row.readings});
      }
    }
    for (const auto& [name, rows] : {std::pair{"latin-word", LatinWords()},
                                     {"latin-suffix", LatinSuffixWords()},
                                     {"arabic-word", ArabicWords()},
                                     {"arabic-suffix", ArabicSuffixWords()}}) {
      for (const WordRow& row : rows) {
        add({name, row.words, row.to});
      }
    }
    for (const auto& [name, rows] :
         {std::pair{"latin-prefix", LatinPrefixes()}, {"arabic-prefix", ArabicPrefixes()}}) {
      for (const PrefixRow& row : rows) {
        add({name, row.prefixes, std::to_string(row.rest_count_min),
             std::to_string(row.rest_context)});
      }
    }
    return out;
  }();
  return text;
}

}  // namespace entente::names

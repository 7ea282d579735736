// The rules that turn a written name into skeletons, one row a rule with its reason. Changing a row
// changes the match keys: the agreement pins SchemeDigest() (match/keys.h), so a changed table is a
// new scheme and not a silent difference between two authorities.
//
// Sources of the letter values: DIN 31635 (Latin with diacritics), the Turkish alphabet of 1928,
// the French spelling of Maghrebi civil registers, ISO 233 and the Unicode charts for Arabic-script
// letters of Persian, Kurdish, Pashto, Urdu and the Maghreb.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace entente::names {

// Letters that are written as another letter (or letters) before anything else is read.
struct FoldRow {
  std::u32string_view letters;  // after NFKC and case folding
  std::string_view to;          // UTF-8
  std::string_view reason;
};

// Where a reading rule applies; the bits set must all hold.
enum Context : std::uint8_t {
  kAnywhere = 0,
  kAtStart = 1,
  kAtEnd = 2,
  kBeforeVowel = 4,
  kBeforeFrontVowel = 8,  // e, i, y
  kBeforeConsonant = 16,
  kAfterConsonant = 32,
  kRepeats = 64,  // prefixes only: the rest begins as the prefix ends (errachid)
};

// How a spelling reads: classes, the likeliest reading first, '|' between readings; an empty
// reading is a silent letter. Within a script the longest spelling wins, then the row with more
// context.
//
// Classes: B (b p) F (f v) T D S (s z) X (sh, ch as in church) J G K C (kh) H L M N R. Vowels, ayn,
// hamza, w and y have no class inside a token; at its start A, W and Y stay as a weak mark,
// at its end I (the yeh of Hamdi) and E (the vowel of Amina). I inside is a long i that only the
// lexicon writes (ī, ې: folding never leaves them), where frequent names differ in nothing else.
struct ReadingRow {
  std::string_view spelling;
  std::uint8_t context;
  std::string_view readings;
  std::string_view reason;
};

// Words of one script that are read as another word, or dropped (`to` empty).
struct WordRow {
  std::string_view words;  // separated by one space
  std::string_view to;
  std::string_view reason;
};

// A prefix that is sometimes written to its word: the word without it is another reading.
struct PrefixRow {
  std::string_view prefixes;    // separated by one space
  std::uint8_t rest_count_min;  // letters that must follow
  std::uint8_t rest_context;    // about the first of them
  std::string_view reason;
};

std::span<const FoldRow> FoldRows();
std::span<const ReadingRow> LatinReadings();
std::span<const ReadingRow> ArabicReadings();
std::span<const WordRow> LatinWords();
std::span<const WordRow> ArabicWords();
std::span<const WordRow> LatinSuffixWords();  // joined to the word before them
std::span<const WordRow> ArabicSuffixWords();
std::span<const PrefixRow> LatinPrefixes();
std::span<const PrefixRow> ArabicPrefixes();

}  // namespace entente::names

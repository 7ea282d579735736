#include "entente/names/tables.h"

namespace entente::names {
namespace {

constexpr FoldRow kFoldRows[] = {
    {U"šśşșŝ", "sh", "DIN 31635, Turkish, Romanian and Slavic sibilants"},
    {U"čć", "tch", "Slavic and Kurdish ch"},
    {U"žźż", "zh", "DIN 31635 zh, Polish"},
    {U"ǧ", "j", "DIN 31635 jim"},
    {U"ġğ", "gh", "DIN 31635 ghayn, Turkish soft g"},
    {U"ḫẖ", "kh", "DIN 31635 kha"},
    {U"ḥ", "h", "DIN 31635 ha"},
    {U"ṯ", "th", "DIN 31635 tha"},
    {U"ḏð", "dh", "DIN 31635 dhal"},
    {U"þ", "th", "Icelandic thorn"},
    {U"ç", "ç", "kept: s in French, ch in Turkish and Kurdish"},
    {U"đ", "d", "d with stroke"},
    {U"ł", "l", "Polish l"},
    {U"ñ", "ny", "Spanish ny"},
    {U"ı", "i", "Turkish dotless i"},
    {U"ø", "o", "Nordic vowel"},
    {U"æœə", "e", "ligatures and schwa are vowels"},
    {U"أإآٱٲٳا", "ا", "alef with any hamza is alef"},
    {U"ىیئېۍێےۓيےؽؾؿ", "ي", "yeh of every alphabet, and hamza on yeh"},
    {U"ؤۆۇۈۋۊۅۉو", "و", "waw of every alphabet, and hamza on waw"},
    {U"ہۀەھۂهۿ", "ه", "heh of every alphabet"},
    {U"ۃة", "ة", "teh marbuta"},
    {U"کڪګكڬڮ", "ك", "kaf of every alphabet"},
    {U"گݢڭݣڳڱ", "گ", "gaf of every alphabet, Maghrebi gaf"},
    {U"پب", "ب", "Persian p has no Arabic letter"},
    {U"ڥڤ", "ڤ", "v"},
    {U"ٹټت", "ت", "retroflex t"},
    {U"ڈډد", "د", "retroflex d"},
    {U"ڑړڕر", "ر", "retroflex and Kurdish r"},
    {U"ںڼن", "ن", "nasal and retroflex n"},
    {U"ڵل", "ل", "Kurdish l"},
    {U"ښش", "ش", "Pashto sh"},
    {U"ږژ", "ژ", "Pashto and Persian zh"},
    {U"څس", "س", "Pashto ts"},
    {U"ځز", "ز", "Pashto dz"},
    {U"ڨق", "ق", "Maghrebi g written on qaf"},
    {U"چ", "چ", "Persian ch"},
    {U"ءـ'’‘`´ʿʾʻʼ′", "", "hamza, tatweel and apostrophes join their neighbours"},
};

constexpr ReadingRow kLatinReadings[] = {
    {"tsch", kAnywhere, "X", "German"},
    {"dsch", kAnywhere, "J", "German"},
    {"sch", kAnywhere, "X", "German"},
    {"tch", kAnywhere, "X", "French"},
    {"sh", kAnywhere, "X", "English"},
    {"kh", kAnywhere, "C", "kha"},
    {"ch", kAnywhere, "X|C|K", "French sh, German kha, Italian k"},
    {"gh", kAnywhere, "G|K", "ghayn; Italian and Persian g"},
    {"rh", kAnywhere, "G|R", "French spelling of ghayn"},
    {"rh", kAtEnd, "R", "not ghayn at the end"},
    {"ph", kAnywhere, "F", "French and English"},
    {"th", kAnywhere, "T|S|TH", "tha is t or s elsewhere; t and h of Fathi"},
    {"dh", kAnywhere, "D|S", "dhal, dad and za are d or z elsewhere"},
    {"zh", kAnywhere, "J", "Persian, Russian"},
    {"dj", kAnywhere, "J", "French spelling of jim"},
    {"ts", kAnywhere, "S|TS", "tsadi, Slavic c"},
    {"tz", kAnywhere, "S|TS", "German z"},
    {"ck", kAnywhere, "K", "German and English"},
    {"qu", kBeforeFrontVowel, "K", "French"},
    {"gu", kBeforeFrontVowel, "G|K", "French hard g"},
    {"gn", kBeforeVowel, "N|GN", "French palatal n"},
    {"x", kAnywhere, "KS|X|C", "ks; Kurdish and Azeri kh; Catalan sh"},
    {"c", kAnywhere, "K", "hard c"},
    {"c", kBeforeFrontVowel, "S|J", "soft c; Turkish jim"},
    {"ç", kAnywhere, "S|X", "French s, Turkish ch"},
    {"q", kAnywhere, "K", "qaf"},
    {"k", kAnywhere, "K", "kaf"},
    {"g", kAnywhere, "G|J|K", "Egyptian jim, Maghrebi qaf"},
    {"g", kBeforeFrontVowel, "J|G", "French and English soft g, German hard g"},
    {"j", kAnywhere, "J", "jim"},
    {"j", kAtStart, "J|Y", "German and Slavic y"},
    {"j", kBeforeConsonant, "J|", "Slavic glide"},
    {"j", kAfterConsonant, "J|", "Slavic soft sign"},
    {"j", kAtEnd, "J|", "Slavic glide"},
    {"b", kAnywhere, "B", ""},
    {"p", kAnywhere, "B", "Arabic has no p"},
    {"f", kAnywhere, "F", ""},
    {"v", kAnywhere, "F|", "f, or waw in Persian and Turkish"},
    {"v", kAtStart, "F|W", "f, or waw in Persian and Turkish"},
    {"w", kAtStart, "W|F", "waw, German v"},
    {"ou", kAtStart | kBeforeVowel, "W", "French spelling of waw"},
    {"t", kAnywhere, "T", ""},
    {"t", kAtEnd, "T|D", "Turkish final devoicing: Mehmet, Ahmet"},
    {"d", kAnywhere, "D", ""},
    {"s", kAnywhere, "S", ""},
    {"z", kAnywhere, "S", ""},
    {"hh", kAnywhere, "H", "doubled ha"},
    {"h", kAnywhere, "H", ""},
    {"h", kAtEnd, "", "written for teh marbuta or a vowel"},
    {"h", kBeforeConsonant, "H|", "German lengthening"},
    {"l", kAnywhere, "L", ""},
    {"m", kAnywhere, "M", ""},
    {"n", kAnywhere, "N", ""},
    {"r", kAnywhere, "R", ""},
    {"a", kAtStart, "A", "weak mark"},
    {"e", kAtStart, "A", "weak mark"},
    {"i", kAtStart, "A", "weak mark"},
    {"o", kAtStart, "A", "weak mark"},
    {"u", kAtStart, "A", "weak mark"},
    {"i", kAtStart | kBeforeVowel, "Y", "spelling of yeh"},
    {"y", kAtStart, "Y", "yeh"},
};

constexpr ReadingRow kArabicReadings[] = {
    {"تش", kAnywhere, "X|TX", "ch of foreign names"},
    {"تس", kAnywhere, "S|TS", "ts of foreign names"},
    {"تز", kAnywhere, "S|TS", "tz of foreign names"},
    {"ب", kAnywhere, "B", ""},
    {"ت", kAnywhere, "T", ""},
    {"ث", kAnywhere, "T|S", "th"},
    {"ج", kAnywhere, "J", ""},
    {"ح", kAnywhere, "H", ""},
    {"ح", kAtEnd, "", "Latin spellings leave the final h out"},
    {"خ", kAnywhere, "C", ""},
    {"د", kAnywhere, "D", ""},
    {"ذ", kAnywhere, "D|S", "dh"},
    {"ر", kAnywhere, "R", ""},
    {"ز", kAnywhere, "S", "z and s share a class"},
    {"س", kAnywhere, "S", ""},
    {"ش", kAnywhere, "X", ""},
    {"ص", kAnywhere, "S", ""},
    {"ض", kAnywhere, "D|S", "d, z in Persian and Turkish"},
    {"ط", kAnywhere, "T", ""},
    {"ظ", kAnywhere, "S|D", "z, d in the Maghreb"},
    {"غ", kAnywhere, "G", ""},
    {"ف", kAnywhere, "F", ""},
    {"ڤ", kAnywhere, "F", "v"},
    {"ق", kAnywhere, "K", ""},
    {"ك", kAnywhere, "K", ""},
    {"ل", kAnywhere, "L", ""},
    {"م", kAnywhere, "M", ""},
    {"ن", kAnywhere, "N", ""},
    {"ه", kAnywhere, "H", ""},
    {"ه", kAtEnd, "", "a written vowel, or left out in Latin"},
    {"ة", kAnywhere, "", "teh marbuta"},
    {"اة", kAtEnd, "T|", "Hayat, Najat"},
    {"چ", kAnywhere, "X", "Persian ch"},
    {"ژ", kAnywhere, "J", "zh"},
    {"گ", kAnywhere, "G", "g"},
    {"ا", kAtStart, "A", "weak mark"},
    {"ع", kAtStart, "A", "weak mark"},
    {"ي", kAtStart, "Y", "yeh"},
    {"و", kAtStart, "W", "waw"},
};

constexpr WordRow kLatinWords[] = {
    {"mohd muhd mhd md mohmd mohmed mohamd mouh mhamed mhammed mohamet muhamet", "mohamed",
     "short and dialect forms of one name"},
    {"ishaq ishak ishaque eshaq eshagh", "isak", "s and h of Ishaq are two letters, not sh"},
    {"brahim", "ibrahim", "Maghrebi short form"},
    {"driss", "idris", "Maghrebi short form"},
    {"smail", "ismail", "Maghrebi short form"},
    {"john", "jon", "h is silent"},
    {"al el ul il ad as ar at an az ash ach es er et en ez ed esh ech os ol or us ur un", "",
     "Arabic article"},
    {"bin ben ibn ibnu bint bent ould uld oulad ouled wuld ait", "", "son or daughter of"},
    {"abu abou abo abi bu bou bo um umm oum", "", "father or mother of"},
    {"de la le les du des da di do dos del der den von van zu zum the and y", "", "particles"},
    {"dr mr mrs jr sr ii iii mullah mulla maulavi mawlawi", "", "titles and generations"},
};

constexpr WordRow kLatinSuffixWords[] = {
    {"din dine deen dein eddin eddine uddin uddine aldin aldeen adin edin edine udin eldin eldine "
     "addin",
     "edin", "of the religion"},
    {"allah ullah ollah ellah alla lah ulla", "elah", "of God"},
};

constexpr WordRow kArabicWords[] = {
    {"اسحاق اسحق", "اساق", "s and h of Ishaq are two letters in Latin spellings too"},
    {"الياس", "علياس", "begins like an article and is none"},
    {"الهام", "علهام", "begins like an article and is none"},
    {"بن ابن بنت ابنة بني ولد اولاد ايت اوت", "", "son or daughter of"},
    {"ابو ابي ابا ام بو", "", "father or mother of"},
    {"ال دي دا دو فان فون", "", "articles and particles"},
    {"ملا دكتور", "", "titles"},
};

constexpr WordRow kArabicSuffixWords[] = {
    {"الدين دين", "دين", "of the religion"},
    {"الله لله", "له", "of God"},
};

constexpr PrefixRow kLatinPrefixes[] = {
    {"al el", 3, kBeforeConsonant, "attached article"},
    {"al el", 5, kBeforeVowel, "attached article"},
    {"et ed er ez es en ech esh at ad ar az as an ach ash", 3, kRepeats, "assimilated article"},
    {"la", 4, kBeforeConsonant, "Maghrebi attached article"},
    {"ben bin bel bil bal", 4, kAnywhere, "attached son of"},
    {"abu abou abo bou bu", 3, kBeforeConsonant, "attached father of"},
};

constexpr PrefixRow kArabicPrefixes[] = {
    {"بن بل", 3, kAnywhere, "attached son of"},
    {"ابو بو", 3, kAnywhere, "attached father of"},
    {"بال", 3, kAnywhere, "attached son of the"},
};

}  // namespace

std::span<const FoldRow> FoldRows() { return kFoldRows; }
std::span<const ReadingRow> LatinReadings() { return kLatinReadings; }
std::span<const ReadingRow> ArabicReadings() { return kArabicReadings; }
std::span<const WordRow> LatinWords() { return kLatinWords; }
std::span<const WordRow> ArabicWords() { return kArabicWords; }
std::span<const WordRow> LatinSuffixWords() { return kLatinSuffixWords; }
std::span<const WordRow> ArabicSuffixWords() { return kArabicSuffixWords; }
std::span<const PrefixRow> LatinPrefixes() { return kLatinPrefixes; }
std::span<const PrefixRow> ArabicPrefixes() { return kArabicPrefixes; }

}  // namespace entente::names

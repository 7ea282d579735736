// Any record: keys are ordered, unique, within the cap, each a conjunction, and the order in which
// a record lists its names, dates and documents does not matter.
#include <algorithm>
#include <cstdint>

#include "entente/base/bytes.h"
#include "entente/base/check.h"
#include "entente/match/keys.h"

namespace entente::match {
namespace {

// Lines of the input become names, dates and documents in turn.
records::Record RecordOf(std::string_view text) {
  records::Record record;
  for (std::size_t kind = 0; !text.empty(); ++kind) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (kind % 3 == 0) {
      record.names.push_back({PersonalText(line), records::NameQuality::kPrimary});
    } else if (kind % 3 == 1) {
      if (const auto date = records::ParsePartialDate(line)) {
        record.birth_dates.push_back(*date);
      }
    } else {
      record.documents.push_back(
          {records::DocumentType::kPassport, line.substr(0, 2), PersonalText(line)});
    }
  }
  return record;
}

void Check(std::string_view text) {
  records::Record record = RecordOf(text);
  const std::vector<Key> keys = BuildKeys(record);
  ENTENTE_CHECK(keys.size() <= kKeysMax);
  ENTENTE_CHECK(std::is_sorted(keys.begin(), keys.end()));
  ENTENTE_CHECK(std::adjacent_find(keys.begin(), keys.end()) == keys.end());
  for (const Key& key : keys) {
    ENTENTE_CHECK(key.text.front() == InfoOf(key.rule).code);
    ENTENTE_CHECK(std::count(key.text.begin(), key.text.end(), '|') >= 3);
  }
  std::reverse(record.names.begin(), record.names.end());
  std::reverse(record.birth_dates.begin(), record.birth_dates.end());
  std::reverse(record.documents.begin(), record.documents.end());
  ENTENTE_CHECK(BuildKeys(record) == keys);
}

}  // namespace
}  // namespace entente::match

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  entente::match::Check(entente::AsText({data, size}));
  return 0;
}

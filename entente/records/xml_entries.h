// The entries of an XML list, one element tree at a time, through libxml2's push parser: memory is
// that of one entry, nothing is fetched, no DTD is read and no entity but the five predefined ones
// is expanded (docs/decisions/0006). Internal to this module. Threads: one object, one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "entente/base/result.h"
#include "entente/records/intake.h"

namespace entente::records {

struct XmlElement {
  std::string name;  // local name
  std::vector<std::pair<std::string, std::string>> attributes;
  std::string text;  // all character data directly inside
  std::vector<XmlElement> children;
  std::uint64_t line = 0;  // where the start tag ends
  std::uint64_t column = 0;
  bool is_too_large = false;  // above kEntryBytesMax; then it has no content

  // "" if absent.
  std::string_view Attribute(std::string_view attribute) const;
  // The text of the first child called `child`, trimmed, "" if absent.
  std::string_view ChildText(std::string_view child) const;
};

// `element` as XML text, for the reject file.
std::string WriteXml(const XmlElement& element);

inline constexpr std::size_t kXmlDepthMax = 32;

class XmlEntries {
 public:
  // Entries are the elements called one of `entry_names` in a document whose root is `root_name`.
  // `intake` and the strings behind the names must outlive the object.
  XmlEntries(Intake& intake, std::string_view root_name, std::vector<std::string_view> entry_names);
  ~XmlEntries();

  // The next entry in document order, nothing at the end.
  // Errors: kInvalidInput for XML that is not well-formed, not UTF-8 (or another encoding that it
  // declares), has a DOCTYPE, another root, or is deeper than kXmlDepthMax; of the source.
  Result<std::optional<XmlElement>> Next();

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace entente::records

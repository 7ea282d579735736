// One JSON object a line: ts, level, event and the fields the caller names. Never personal data:
// fields are ids, counts, codes and our own error messages; PersonalText and Secret do not convert.
// Threads: safe.
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

#include "entente/base/time.h"

namespace entente {

struct LogField {
  LogField(std::string_view field_name, std::string_view text) : name(field_name), value(text) {}
  LogField(std::string_view field_name, std::uint64_t number)
      : name(field_name), value(std::to_string(number)), is_number(true) {}
  std::string_view name;
  std::string value;
  bool is_number = false;
};

class Log {
 public:
  enum class Level { kInfo, kWarning, kError };

  // Writes to standard error. `clock` must outlive the log.
  explicit Log(const Clock& clock);
  // Hands each line, without its end, to `sink`.
  Log(const Clock& clock, std::function<void(std::string_view line)> sink);

  // `event` is a fixed dotted name such as "link.up"; an error's level is kError only for bugs and
  // lost durability, kWarning for what an administrator should look at.
  void Write(Level level, std::string_view event, std::initializer_list<LogField> fields = {});

 private:
  const Clock& clock_;
  std::function<void(std::string_view)> sink_;
};

// `text` as a JSON string literal, quotes included; bytes that are not UTF-8 become U+FFFD.
std::string QuoteJson(std::string_view text);

}  // namespace entente

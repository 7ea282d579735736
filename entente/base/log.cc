#include "entente/base/log.h"

#include <cstdint>
#include <memory>
#include <utility>

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "entente/base/bytes.h"
#include "entente/base/utf8.h"

namespace entente {
namespace {

std::string_view LevelName(Log::Level level) {
  switch (level) {
    case Log::Level::kInfo:
      return "info";
    case Log::Level::kWarning:
      return "warning";
    case Log::Level::kError:
      return "error";
  }
  return "error";
}

}  // namespace

Log::Log(const Clock& clock) : clock_(clock) {
  const auto logger = std::make_shared<spdlog::logger>(
      "entente", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%v");
  logger->flush_on(spdlog::level::info);
  sink_ = [logger](std::string_view line) { logger->info(line); };
}

Log::Log(const Clock& clock, std::function<void(std::string_view line)> sink)
    : clock_(clock), sink_(std::move(sink)) {}

void Log::Write(Level level, std::string_view event, std::initializer_list<LogField> fields) {
  std::string line = R"({"ts":)" + QuoteJson(FormatRfc3339(clock_.Now())) + R"(,"level":)" +
                     QuoteJson(LevelName(level)) + R"(,"event":)" + QuoteJson(event);
  for (const LogField& field : fields) {
    line += "," + QuoteJson(field.name) + ":";
    line += field.is_number ? field.value : QuoteJson(field.value);
  }
  sink_(line + "}");
}

std::string QuoteJson(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const std::size_t good = FirstInvalidUtf8(text).value_or(text.size());
    for (const char c : text.substr(0, good)) {
      if (c == '"' || c == '\\') {
        out += '\\';
        out += c;
      } else if (static_cast<unsigned char>(c) < 0x20) {
        out += "\\u00" + HexEncode(Bytes{static_cast<std::uint8_t>(c)});
      } else {
        out += c;
      }
    }
    if (good < text.size()) {
      out += "\uFFFD";
      text.remove_prefix(good + 1);
    } else {
      text = {};
    }
  }
  return out + "\"";
}

}  // namespace entente

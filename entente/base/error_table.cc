#include "entente/base/error_table.h"

#include <cstddef>

#include "entente/base/check.h"

namespace entente {

const ErrorRow& ErrorRowFor(ErrorCode code) {
  const auto index = static_cast<std::size_t>(code);
  ENTENTE_CHECK(index < kErrorTable.size());
  return kErrorTable[index];
}

std::optional<ErrorCode> ErrorCodeFromName(std::string_view name) {
  for (const ErrorRow& row : kErrorTable) {
    if (row.name == name) {
      return row.code;
    }
  }
  return std::nullopt;
}

std::string_view RetryName(Retry retry) {
  switch (retry) {
    case Retry::kNever:
      return "never";
    case Retry::kAfterReading:
      return "after reading";
    case Retry::kWithBackOff:
      return "with back-off";
  }
  return "";
}

}  // namespace entente

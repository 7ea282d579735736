#include "entente/store/store.h"

#include <array>
#include <utility>

namespace entente::store {
namespace {

constexpr std::array<std::pair<Origin, std::string_view>, 3> kOriginNames{{
    {Origin::kSynthetic, "synthetic"},
    {Origin::kPublicList, "public-list"},
    {Origin::kOperational, "operational"},
}};

}  // namespace

std::string_view OriginName(Origin origin) {
  for (const auto& [value, name] : kOriginNames) {
    if (value == origin) {
      return name;
    }
  }
  return "unknown";
}

Result<Origin> ParseOrigin(std::string_view name) {
  for (const auto& [value, known] : kOriginNames) {
    if (known == name) {
      return value;
    }
  }
  return Error{ErrorCode::kInvalidInput,
               "the origin must be synthetic, public-list or operational"};
}

Status ValidateCollectionName(std::string_view name) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789-";
  if (name.empty() || name.size() > kCollectionNameBytesMax ||
      name.find_first_not_of(kAllowed) != std::string_view::npos) {
    return Error{ErrorCode::kInvalidInput,
                 "a collection's name is 1 to 64 characters of a-z, 0-9 and -"};
  }
  return {};
}

}  // namespace entente::store

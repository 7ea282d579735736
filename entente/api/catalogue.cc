#include "entente/api/catalogue.h"

#include <algorithm>

#include "entente/base/check.h"
#include "entente/wire/json.h"

namespace entente::api {
namespace {

Error Bad(std::string_view language, std::string_view why) {
  return {ErrorCode::kInvalidInput, "locale " + std::string(language) + ": " + std::string(why)};
}

}  // namespace

std::string_view DirectionOf(std::string_view language) { return language == "ar" ? "rtl" : "ltr"; }

Result<Catalogue> Catalogue::Load(const std::map<std::string, std::string_view>& texts) {
  Catalogue catalogue;
  for (const std::string_view language : kLanguages) {
    const auto found = texts.find(std::string(language));
    if (found == texts.end()) {
      return Bad(language, "is missing");
    }
    ENTENTE_ASSIGN(const wire::Json json, wire::ParseJson(found->second));
    if (!json.is_object()) {
      return Bad(language, "must be an object of texts");
    }
    Texts& own = catalogue.texts_[std::string(language)];
    for (const auto& [key, value] : json.items()) {
      if (!value.is_string()) {
        return Bad(language, key + " must be a text");
      }
      own[key] = value.get<std::string>();
    }
    const Texts& first = catalogue.texts_.begin()->second;
    const auto same_key = [](const auto& a, const auto& b) { return a.first == b.first; };
    if (!std::equal(own.begin(), own.end(), first.begin(), first.end(), same_key)) {
      return Bad(language, "has other keys than the rest; run locales/check.py");
    }
  }
  return catalogue;
}

std::optional<std::string> Catalogue::Find(std::string_view language, std::string_view key) const {
  const auto texts = texts_.find(language);
  ENTENTE_CHECK(texts != texts_.end());
  const auto found = texts->second.find(key);
  return found == texts->second.end() ? std::nullopt : std::optional<std::string>(found->second);
}

std::string Catalogue::Say(std::string_view language, std::string_view key,
                           const Values& values) const {
  std::string text = Find(language, key).value_or("‹" + std::string(key) + "›");
  for (const auto& [name, value] : values) {
    const std::string holder = "{" + std::string(name) + "}";
    if (const std::size_t at = text.find(holder); at != std::string::npos) {
      text.replace(at, holder.size(), value);
    }
  }
  return text;
}

}  // namespace entente::api

// The console's texts in every language it speaks.
//
// Source: locales/*.json, one flat object of texts per language with "{name}" as place holders.
// Threads: const functions are safe.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "entente/base/result.h"

namespace entente::api {

// In the order in which the console offers them.
inline constexpr std::array<std::string_view, 4> kLanguages{"fr", "de", "ar", "en"};
inline constexpr std::string_view kDefaultLanguage = "en";

// The direction of a language's script: "rtl" or "ltr".
std::string_view DirectionOf(std::string_view language);

class Catalogue {
 public:
  using Values = std::vector<std::pair<std::string_view, std::string>>;

  // `texts`: language → JSON. Errors: kInvalidInput if a language of kLanguages is missing, its
  // text is no flat object of texts, or the languages do not have the same keys.
  static Result<Catalogue> Load(const std::map<std::string, std::string_view>& texts);

  bool Speaks(std::string_view language) const { return texts_.contains(language); }
  // The text with its place holders filled; "‹key›" if there is none, which a test looks for.
  // Requires Speaks(language).
  std::string Say(std::string_view language, std::string_view key, const Values& values = {}) const;
  // Nothing if there is no such text: for keys made of a peer's words.
  std::optional<std::string> Find(std::string_view language, std::string_view key) const;

 private:
  using Texts = std::map<std::string, std::string, std::less<>>;
  std::map<std::string, Texts, std::less<>> texts_;
};

}  // namespace entente::api

#include "entente/api/html.h"

namespace entente::api {
namespace {

std::string Escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// Elements without content (WHATWG HTML §13.1.2) that the console uses.
bool IsVoid(std::string_view name) { return name == "input" || name == "meta" || name == "link"; }

}  // namespace

Html Text(std::string_view text) { return Html::Of(Escape(text)); }

Html Tag(std::string_view name, const Attributes& attributes, const Html& content) {
  std::string markup = "<" + std::string(name);
  for (const auto& [attribute, value] : attributes) {
    markup += " " + std::string(attribute);
    if (value != kPresent) {
      markup += "=\"" + Escape(value) + "\"";
    }
  }
  markup += ">";
  if (!IsVoid(name)) {
    markup += content.str() + "</" + std::string(name) + ">";
  }
  return Html::Of(std::move(markup));
}

Html WithoutTags(const Html& html) {
  std::string words;
  bool is_in_tag = false;
  for (const char c : html.str()) {
    is_in_tag = c == '<' || (is_in_tag && c != '>');
    if (!is_in_tag && c != '>') {  // in a text both are escaped
      words += c;
    }
  }
  return Html::Of(std::move(words));
}

Html Code(std::string_view text) { return Tag("bdi", {{"dir", "ltr"}}, Tag("code", Text(text))); }

Html Link(const std::string& address, const Html& content) {
  return Tag("a", {{"href", address}}, content);
}

}  // namespace entente::api

// HTML that is escaped by construction: texts come in through Text() and attributes only, markup
// is made by Tag() only. Threads: plain values.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace entente::api {

class Html {
 public:
  Html() = default;
  const std::string& str() const { return markup_; }
  bool empty() const { return markup_.empty(); }
  Html& operator+=(const Html& more) {
    markup_ += more.markup_;
    return *this;
  }
  friend Html operator+(Html left, const Html& right) { return left += right; }

 private:
  static Html Of(std::string markup) {
    Html html;
    html.markup_ = std::move(markup);
    return html;
  }
  friend Html Text(std::string_view text);
  friend Html Tag(std::string_view name,
                  const std::vector<std::pair<std::string_view, std::string>>& attributes,
                  const Html& content);
  friend Html WithoutTags(const Html& html);
  std::string markup_;
};

using Attributes = std::vector<std::pair<std::string_view, std::string>>;

// A text node; bytes that HTML gives a meaning to are escaped.
Html Text(std::string_view text);

// An element. An attribute whose value is kPresent is written without one ("required").
// `name` and the names of attributes are literals of ours.
inline constexpr std::string_view kPresent = "\x01";
Html Tag(std::string_view name, const Attributes& attributes, const Html& content = {});
inline Html Tag(std::string_view name, const Html& content) { return Tag(name, {}, content); }

// The words of `html` without its elements, for places that hold words only (<title>).
Html WithoutTags(const Html& html);

// Ids, hex, numbers: left to right in every language.
Html Code(std::string_view text);
Html Link(const std::string& address, const Html& content);

}  // namespace entente::api

// Text about a person. It has no formatter and no stream operator, so it cannot be logged by
// accident; whoever shows it to a person who may see it says so by calling Reveal().
#pragma once

#include <compare>
#include <string>
#include <utility>

namespace entente {

class PersonalText {
 public:
  PersonalText() = default;
  explicit PersonalText(std::string text) : text_(std::move(text)) {}

  const std::string& Reveal() const { return text_; }
  bool empty() const { return text_.empty(); }
  auto operator<=>(const PersonalText&) const = default;

 private:
  std::string text_;
};

}  // namespace entente

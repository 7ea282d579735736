// A string with a type of its own: StrongId<struct PeerTag> converts to no other id.
#pragma once

#include <compare>
#include <string>
#include <utility>

namespace entente {

template <typename Tag>
class StrongId {
 public:
  StrongId() = default;
  explicit StrongId(std::string value) : value_(std::move(value)) {}

  const std::string& str() const { return value_; }
  bool empty() const { return value_.empty(); }
  auto operator<=>(const StrongId&) const = default;

 private:
  std::string value_;
};

// The authority at the other end of one relation: the fingerprint (hex) of its card's message key.
using PeerId = StrongId<struct PeerIdTag>;

}  // namespace entente

#include "entente/psi/round_message.h"

#include <algorithm>

namespace entente::psi {
namespace {

constexpr std::uint8_t kHello = 0x01;
constexpr std::uint8_t kBlinded = 0x02;
constexpr std::uint8_t kEvaluated = 0x03;
constexpr std::uint8_t kCommit = 0x04;
constexpr std::uint8_t kTags = 0x05;
constexpr std::uint8_t kFinish = 0x06;

class Writer {
 public:
  Bytes operator()(const HelloMessage& message) const {
    Bytes out{kHello, static_cast<std::uint8_t>(message.role)};
    Append(out, message.parameters.view());
    Append(out, message.nonce.view());
    Append(out, message.key.view());
    return out;
  }
  Bytes operator()(const BlindedMessage& message) const {
    Bytes out{kBlinded};
    AppendAll(out, message.points);
    return out;
  }
  Bytes operator()(const EvaluatedMessage& message) const {
    Bytes out{kEvaluated};
    Append(out, message.proof.challenge.view());
    Append(out, message.proof.response.view());
    AppendAll(out, message.points);
    return out;
  }
  Bytes operator()(const CommitMessage& message) const {
    Bytes out{kCommit};
    Append(out, message.commitment.view());
    return out;
  }
  Bytes operator()(const TagsMessage& message) const {
    Bytes out{kTags};
    Append(out, message.next.view());
    AppendAll(out, message.tags);
    return out;
  }
  Bytes operator()(const FinishMessage& message) const {
    Bytes out{kFinish};
    Append(out, message.intersection.view());
    return out;
  }

 private:
  template <typename Fixed>
  static void AppendAll(Bytes& out, const std::vector<Fixed>& items) {
    out.reserve(out.size() + items.size() * Fixed::kSize);
    for (const Fixed& item : items) {
      Append(out, item.view());
    }
  }
};

// Takes fields off the front; Finish() says whether all fitted and nothing is left.
class Reader {
 public:
  explicit Reader(ByteView bytes) : rest_(bytes) {}

  template <typename Fixed>
  Fixed Take() {
    Fixed out;
    if (rest_.size() < Fixed::kSize) {
      is_good_ = false;
      return out;
    }
    std::ranges::copy(rest_.first(Fixed::kSize), out.bytes.begin());
    rest_ = rest_.subspan(Fixed::kSize);
    return out;
  }
  template <typename Fixed>
  std::vector<Fixed> TakeRest() {
    std::vector<Fixed> out(rest_.size() / Fixed::kSize);
    for (Fixed& item : out) {
      item = Take<Fixed>();
    }
    return out;
  }
  bool Finish() const { return is_good_ && rest_.empty(); }

 private:
  ByteView rest_;
  bool is_good_ = true;
};

RoundMessage ReadBody(std::uint8_t type, Reader& reader) {
  switch (type) {
    case kBlinded:
      return BlindedMessage{reader.TakeRest<EncodedPoint>()};
    case kEvaluated: {
      const auto challenge = reader.Take<crypto::PublicScalar>();
      const auto response = reader.Take<crypto::PublicScalar>();
      return EvaluatedMessage{{challenge, response}, reader.TakeRest<EncodedPoint>()};
    }
    case kCommit:
      return CommitMessage{reader.Take<crypto::Digest>()};
    case kTags: {
      const auto next = reader.Take<crypto::Digest>();
      return TagsMessage{next, reader.TakeRest<Tag>()};
    }
    case kFinish:
      return FinishMessage{reader.Take<crypto::Digest>()};
    default: {
      HelloMessage hello{};
      hello.role = static_cast<Role>(reader.Take<FixedBytes<1, struct RoleTag>>().bytes[0]);
      hello.parameters = reader.Take<crypto::Digest>();
      hello.nonce = reader.Take<RoundNonce>();
      hello.key = reader.Take<EncodedPoint>();
      return hello;
    }
  }
}

}  // namespace

Bytes EncodeRoundMessage(const RoundMessage& message) { return std::visit(Writer(), message); }

Result<RoundMessage> DecodeRoundMessage(ByteView bytes) {
  if (bytes.empty() || bytes.size() > kRoundMessageBytesMax) {
    return Error{ErrorCode::kPeerViolation, "a round message has 1 to 65536 bytes"};
  }
  if (bytes[0] < kHello || bytes[0] > kFinish) {
    return Error{ErrorCode::kPeerViolation, "a round message of unknown type"};
  }
  Reader reader(bytes.subspan(1));
  RoundMessage message = ReadBody(bytes[0], reader);
  const auto* const hello = std::get_if<HelloMessage>(&message);
  if (!reader.Finish() || (hello != nullptr && hello->role > Role::kAcceptor)) {
    return Error{ErrorCode::kPeerViolation, "a round message is malformed"};
  }
  return message;
}

}  // namespace entente::psi

#include "entente/exchange/recall.h"

#include <algorithm>
#include <string>
#include <utility>

#include "entente/ledger/leaf.h"
#include "entente/wire/json.h"

namespace entente::exchange {
namespace {

using wire::Json;
using wire::JsonReader;

constexpr std::int64_t kNumberMax = (std::int64_t{1} << 53U) - 1;
constexpr std::size_t kSizeBytes = 4;
constexpr std::size_t kNoteBytesMax = 2048;

Error Malformed(std::string_view what) {
  return {ErrorCode::kPeerViolation, "link: the " + std::string(what) + " is malformed"};
}

Json ToJson(const Position& position) {
  return {{"epoch", position.epoch}, {"sequence", position.sequence}};
}

Result<Position> ReadPosition(JsonReader& reader, std::string_view member) {
  ENTENTE_ASSIGN(const Json* json, reader.Object(member));
  JsonReader inner(*json, std::string(member));
  ENTENTE_ASSIGN(const std::int64_t epoch, inner.Integer("epoch", 1, kNumberMax));
  ENTENTE_ASSIGN(const std::int64_t sequence, inner.Integer("sequence", 0, kNumberMax));
  ENTENTE_TRY(inner.Finish());
  return Position{static_cast<std::uint64_t>(epoch), static_cast<std::uint64_t>(sequence)};
}

Result<RecallRequest> ParseRequest(ByteView bytes) {
  ENTENTE_ASSIGN(const Json json, wire::ParseCanonicalJson(AsText(bytes)));
  JsonReader reader(json, "recall");
  RecallRequest request;
  ENTENTE_ASSIGN(request.mine, ReadPosition(reader, "mine"));
  ENTENTE_ASSIGN(request.yours, ReadPosition(reader, "yours"));
  ENTENTE_TRY(reader.Finish());
  return request;
}

Result<RecallEnd> ParseEnd(ByteView bytes) {
  ENTENTE_ASSIGN(const Json json, wire::ParseCanonicalJson(AsText(bytes)));
  JsonReader reader(json, "end");
  RecallEnd end;
  ENTENTE_ASSIGN(end.your_log, reader.Base64("your_log", kNoteBytesMax));
  ENTENTE_ASSIGN(end.my_log, reader.Base64("my_log", kNoteBytesMax));
  ENTENTE_TRY(reader.Finish());
  return end;
}

void AppendSized(Bytes& to, ByteView part) {
  for (std::size_t i = kSizeBytes; i > 0; --i) {
    to.push_back(static_cast<std::uint8_t>(part.size() >> (8 * (i - 1))));
  }
  Append(to, part);
}

std::optional<Bytes> TakeSized(ByteView& from) {
  if (from.size() < kSizeBytes) {
    return std::nullopt;
  }
  std::size_t size = 0;
  for (const std::uint8_t byte : from.first(kSizeBytes)) {
    size = size << 8U | byte;
  }
  from = from.subspan(kSizeBytes);
  if (size > from.size()) {
    return std::nullopt;
  }
  Bytes part = ToBytes(from.first(size));
  from = from.subspan(size);
  return part;
}

// The leaf of the first act of `direction` behind `position`, if there is one.
Result<std::optional<std::uint64_t>> FirstLeaf(const store::Reader& reader, const PeerId& peer,
                                               store::Direction direction,
                                               const Position& position) {
  ENTENTE_ASSIGN(const store::ChannelState channel, reader.GetChannel(peer));
  const std::uint64_t last =
      direction == store::Direction::kOut ? channel.epoch_out : channel.epoch_in;
  Position next{position.epoch, position.sequence + 1};
  for (; next.epoch <= last; next = {next.epoch + 1, 1}) {
    ENTENTE_ASSIGN(const auto row, reader.GetAct(peer, direction, next.epoch, next.sequence));
    if (row) {
      return std::optional(row->leaf_index);
    }
  }
  return std::optional<std::uint64_t>();
}

}  // namespace

Bytes EncodeRecallRequest(const RecallRequest& request) {
  return ToBytes(
      wire::WriteCanonicalJson({{"mine", ToJson(request.mine)}, {"yours", ToJson(request.yours)}}));
}

Result<RecallRequest> DecodeRecallRequest(ByteView bytes) {
  auto request = ParseRequest(bytes);
  return request ? std::move(request) : Malformed("recall");
}

Bytes EncodeRecalled(const Recalled& recalled) {
  Bytes out;
  AppendSized(out, recalled.act);
  AppendSized(out, recalled.answer);
  if (recalled.act.empty()) {
    AppendSized(out, recalled.log);
  }
  return out;
}

Result<Recalled> DecodeRecalled(ByteView bytes) {
  auto act = TakeSized(bytes);
  auto answer = TakeSized(bytes);
  auto log = act && act->empty() ? TakeSized(bytes) : Bytes();
  if (!act || !answer || !log || log->size() > kNoteBytesMax || !bytes.empty()) {
    return Malformed("recalled act");
  }
  return Recalled{*std::move(act), *std::move(answer), *std::move(log)};
}

Bytes EncodeRecallEnd(const RecallEnd& end) {
  return ToBytes(wire::WriteCanonicalJson(
      {{"your_log", Base64Encode(end.your_log)}, {"my_log", Base64Encode(end.my_log)}}));
}

Result<RecallEnd> DecodeRecallEnd(ByteView bytes) {
  auto end = ParseEnd(bytes);
  return end ? std::move(end) : Malformed("end of what was recalled");
}

Result<Recall> Recall::Open(const store::Reader& reader, const PeerId& peer,
                            const RecallRequest& request) {
  Recall recall(peer, request);
  ENTENTE_ASSIGN(const auto theirs, FirstLeaf(reader, peer, store::Direction::kIn, request.mine));
  ENTENTE_ASSIGN(const auto ours, FirstLeaf(reader, peer, store::Direction::kOut, request.yours));
  ENTENTE_ASSIGN(const std::uint64_t size, reader.LedgerSize(peer));
  recall.next_leaf_ = std::min(theirs.value_or(size), ours.value_or(size));
  return recall;
}

Result<std::optional<Recalled>> Recall::Next(const store::Reader& reader) {
  ENTENTE_ASSIGN(const std::uint64_t size, reader.LedgerSize(peer_));
  while (next_leaf_ < size) {
    ENTENTE_ASSIGN(const Bytes entry, reader.LedgerEntry(peer_, next_leaf_++));
    ENTENTE_ASSIGN(const ledger::Leaf leaf, ledger::DecodeLeaf(entry));
    const bool is_answer = leaf.kind == "receipt" || leaf.kind == "refusal";
    const bool is_inbound = leaf.direction == ledger::Direction::kReceived ||
                            leaf.direction == ledger::Direction::kRefused;
    const Position position{leaf.epoch, leaf.sequence};
    if (!is_inbound || position <= (is_answer ? request_.yours : request_.mine)) {
      continue;
    }
    ENTENTE_ASSIGN(auto row,
                   reader.GetAct(peer_, is_answer ? store::Direction::kOut : store::Direction::kIn,
                                 position.epoch, position.sequence));
    if (!row || row->answer.empty()) {
      return Error{ErrorCode::kCorruptData, "the ledger names an act that is not in the store"};
    }
    Recalled recalled{std::move(row->envelope), std::move(row->answer), {}};
    if (recalled.act.empty()) {
      ENTENTE_ASSIGN(auto log, reader.GetCheckpoint(peer_, store::CheckpointKind::kPeerCosigned));
      recalled.log = std::move(log).value_or(Bytes());
    }
    return std::optional(std::move(recalled));
  }
  return std::optional<Recalled>();
}

Result<RecallEnd> Recall::End(const store::Reader& reader) const {
  RecallEnd end;
  ENTENTE_ASSIGN(auto theirs, reader.GetCheckpoint(peer_, store::CheckpointKind::kPeerCosigned));
  ENTENTE_ASSIGN(auto ours, reader.GetCheckpoint(peer_, store::CheckpointKind::kOwnSettled));
  end.your_log = std::move(theirs).value_or(Bytes());
  end.my_log = std::move(ours).value_or(Bytes());
  return end;
}

}  // namespace entente::exchange

#include "sim/powerfail/workload.h"

#include <algorithm>
#include <limits>

namespace entente::sim {
namespace {

using store::ActRow;
using store::ActState;
using store::ChannelState;
using store::CheckpointKind;
using store::Direction;

constexpr const char* kTable = "documents";
constexpr const char* kEvidence = "peer_violation repeated";
constexpr std::size_t kActsMax = 3;
constexpr std::size_t kEnvelopeBytes = 1'500;
constexpr std::size_t kLargeEnvelopeBytes = 20'000;
constexpr std::size_t kEntryBytes = 160;
constexpr std::size_t kRowKeys = 12;
constexpr std::size_t kSubjects = 4;
constexpr std::size_t kCountMax = std::numeric_limits<std::uint32_t>::max();

const PeerId& Peer() {
  static const PeerId peer(std::string(64, 'a'));
  return peer;
}

std::string Subject(std::uint64_t number) { return "subject " + std::to_string(number); }

Bytes Draw(std::size_t size, SeededRandomForTests& random) {
  Bytes bytes(size);
  random.Fill(bytes);
  return bytes;
}

bool OneIn(std::uint64_t count, SeededRandomForTests& random) { return random.Next() % count == 0; }

// The act's own place in the channel; the channel moves on.
ActRow DrawAct(ChannelState& channel, std::uint64_t leaf_index, SeededRandomForTests& random) {
  ActRow act;
  const bool is_out = OneIn(2, random);
  act.direction = is_out ? Direction::kOut : Direction::kIn;
  act.epoch = is_out ? channel.epoch_out : channel.epoch_in;
  act.sequence = is_out ? channel.next_out++ : channel.next_in++;
  random.Fill(act.id.bytes);
  act.kind = "document.propose";
  act.state = is_out ? ActState::kPending : ActState::kAccepted;
  act.leaf_index = leaf_index;
  act.envelope =
      Draw(OneIn(24, random) ? kLargeEnvelopeBytes : random.Next() % kEnvelopeBytes, random);
  if (!is_out) {
    act.answer = Draw(kEnvelopeBytes / 2, random);
  }
  return act;
}

void Advance(ChannelState& channel, const ActRow& act) {
  (act.direction == Direction::kOut ? channel.next_out : channel.next_in) = act.sequence + 1;
}

// Calls `visit(level, index, hash)` for every subtree that the entry at `index` completes.
template <typename Visit>
Status ForEachNode(std::uint64_t index, ByteView entry, Visit visit) {
  for (unsigned level = 0;; ++level, index /= 2) {
    const std::array<std::uint8_t, 1> salt{static_cast<std::uint8_t>(level)};
    ENTENTE_TRY(visit(level, index, crypto::Sha256({entry, salt})));
    if (index % 2 == 0) {
      return {};
    }
  }
}

}  // namespace

Step DrawStep(const Holdings& held, SeededRandomForTests& random) {
  Step step;
  ChannelState channel = held.channel;
  const std::size_t count = 1 + random.Next() % kActsMax;
  for (std::size_t i = 0; i < count; ++i) {
    step.acts.push_back(DrawAct(channel, held.entries.size() + i, random));
    step.entries.push_back(Draw(kEntryBytes, random));
    step.subjects.push_back(Subject(random.Next() % kSubjects));
  }
  if (!held.acts.empty() && OneIn(4, random)) {
    const ActRow& act = held.acts[random.Next() % held.acts.size()];
    if (act.state != ActState::kPending) {
      step.erased = act.id;
    }
  }
  const std::string key = "key " + std::to_string(random.Next() % kRowKeys);
  step.rows[key] = OneIn(3, random) ? Bytes() : Draw(random.Next() % 900 + 1, random);
  if (OneIn(3, random)) {
    step.checkpoint = Draw(300, random);
  }
  if (OneIn(5, random)) {
    step.evidence = Draw(400, random);
  }
  return step;
}

Status Write(store::Transaction& transaction, const Step& step) {
  ENTENTE_ASSIGN(ChannelState channel, transaction.GetChannel(Peer()));
  for (std::size_t i = 0; i < step.acts.size(); ++i) {
    ActRow act = step.acts[i];
    // As exchange does it: the act first, its answer when the policy has spoken.
    const ActState state = std::exchange(act.state, ActState::kPending);
    const Bytes answer = std::exchange(act.answer, {});
    ENTENTE_TRY(transaction.InsertAct(Peer(), act));
    ENTENTE_TRY(transaction.AppendLedgerEntry(Peer(), act.leaf_index, step.entries[i]));
    ENTENTE_TRY(ForEachNode(act.leaf_index, step.entries[i],
                            [&](unsigned level, std::uint64_t index, const crypto::Digest& hash) {
                              return transaction.PutLedgerNode(Peer(), level, index, hash);
                            }));
    if (state != ActState::kPending) {
      ENTENTE_TRY(transaction.SetAnswer(Peer(), act.id, state, answer));
    }
    ENTENTE_TRY(transaction.IndexSubject(Peer(), act.id, step.subjects[i]));
    Advance(channel, act);
  }
  if (step.erased) {
    ENTENTE_TRY(transaction.EraseAct(Peer(), *step.erased));
  }
  ENTENTE_TRY(transaction.PutChannel(Peer(), channel));
  for (const auto& [key, value] : step.rows) {
    ENTENTE_TRY(value.empty() ? transaction.DeleteRow(kTable, Peer(), key)
                              : transaction.PutRow(kTable, Peer(), key, value));
  }
  if (step.checkpoint) {
    ENTENTE_TRY(transaction.PutCheckpoint(Peer(), CheckpointKind::kOwnSettled, *step.checkpoint));
  }
  if (step.evidence) {
    ENTENTE_TRY(transaction.AddEvidence(Peer(), kEvidence, UtcTime(), *step.evidence));
  }
  return {};
}

void Apply(const Step& step, Holdings& held) {
  for (std::size_t i = 0; i < step.acts.size(); ++i) {
    const auto keep = [&](unsigned level, std::uint64_t index, const crypto::Digest& hash) {
      held.nodes[{level, index}] = hash;
      return Status();
    };
    static_cast<void>(ForEachNode(step.acts[i].leaf_index, step.entries[i], keep));
    held.acts.push_back(step.acts[i]);
    held.subjects[step.subjects[i]].push_back(step.acts[i].id);
    held.entries.push_back(step.entries[i]);
    Advance(held.channel, step.acts[i]);
  }
  if (step.erased) {
    const auto act = std::ranges::find(held.acts, *step.erased, &ActRow::id);
    act->envelope.clear();
    act->is_erased = true;
    for (auto& [subject, ids] : held.subjects) {
      std::erase(ids, *step.erased);
    }
  }
  std::erase_if(held.subjects, [](const auto& entry) { return entry.second.empty(); });
  for (const auto& [key, value] : step.rows) {
    if (value.empty()) {
      held.rows.erase(key);
    } else {
      held.rows[key] = value;
    }
  }
  held.checkpoint = step.checkpoint ? step.checkpoint : held.checkpoint;
  if (step.evidence) {
    held.evidence.push_back({held.evidence.size() + 1, kEvidence, UtcTime(), *step.evidence});
  }
}

Result<Holdings> ReadHoldings(const store::Reader& reader) {
  Holdings held;
  ENTENTE_ASSIGN(held.acts, reader.RecentActs(Peer(), kCountMax));
  std::ranges::reverse(held.acts);
  for (std::uint64_t i = 0; i < kSubjects; ++i) {
    ENTENTE_ASSIGN(auto ids, reader.FindSubject(Peer(), Subject(i)));
    if (!ids.empty()) {
      held.subjects[Subject(i)] = std::move(ids);
    }
  }
  ENTENTE_ASSIGN(held.channel, reader.GetChannel(Peer()));
  ENTENTE_ASSIGN(const std::uint64_t size, reader.LedgerSize(Peer()));
  for (std::uint64_t i = 0; i < size; ++i) {
    ENTENTE_ASSIGN(held.entries.emplace_back(), reader.LedgerEntry(Peer(), i));
  }
  for (unsigned level = 0; level == 0 || size >> level != 0; ++level) {
    const std::uint64_t complete = size >> level;
    for (std::uint64_t i = 0; i < complete; ++i) {
      ENTENTE_ASSIGN((held.nodes[{level, i}]), reader.LedgerNode(Peer(), level, i));
    }
    if (reader.LedgerNode(Peer(), level, complete)) {
      return Error{ErrorCode::kCorruptData, "the ledger has a node without its entries"};
    }
  }
  ENTENTE_ASSIGN(const auto rows, reader.ListRows(kTable, Peer(), "", kCountMax));
  for (const store::Row& row : rows) {
    held.rows[row.key] = row.value;
  }
  ENTENTE_ASSIGN(held.checkpoint, reader.GetCheckpoint(Peer(), CheckpointKind::kOwnSettled));
  ENTENTE_ASSIGN(held.evidence, reader.ListEvidence(Peer()));
  return held;
}

}  // namespace entente::sim

#include "sim/check.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "entente/act/envelope.h"
#include "entente/exchange/audit.h"
#include "entente/exchange/journal.h"
#include "entente/ledger/checkpoint.h"
#include "entente/ledger/commitment.h"
#include "entente/ledger/export.h"
#include "entente/ledger/leaf.h"
#include "entente/ledger/relation.h"
#include "entente/ledger/verify.h"

namespace entente::sim {
namespace {

using Acts = std::map<std::uint64_t, store::ActRow>;  // by sequence

// The acts of one direction. A sequence that is twice is a failure of the store's own rule.
Acts ActsOf(Authority& authority, const PeerId& peer, store::Direction direction) {
  Acts acts;
  const Status status = authority.store().Read([&](const store::Reader& reader) -> Status {
    for (std::uint64_t sequence = 1;; ++sequence) {
      ENTENTE_ASSIGN(auto row, reader.GetAct(peer, direction, 1, sequence));
      if (!row) {
        return {};
      }
      acts.emplace(sequence, *std::move(row));
    }
  });
  return status ? acts : Acts{};
}

class StoredEntries final : public ledger::EntryReader {
 public:
  StoredEntries(const store::Reader& reader, PeerId peer)
      : reader_(reader), peer_(std::move(peer)) {}
  Result<Bytes> Entry(std::uint64_t index) const override {
    return reader_.LedgerEntry(peer_, index);
  }

 private:
  const store::Reader& reader_;
  PeerId peer_;
};

class ExportedFiles final : public ledger::FileReader {
 public:
  explicit ExportedFiles(const ledger::LogFiles& files) : files_(files) {}
  Result<Bytes> Read(const std::string& path, std::size_t size_bytes_max) const override {
    ENTENTE_ASSIGN(Bytes bytes, files_.File(path));
    if (bytes.size() > size_bytes_max) {
      return Error{ErrorCode::kLimitExceeded, "too large"};
    }
    return bytes;
  }

 private:
  const ledger::LogFiles& files_;
};

// The log that `owner` keeps about its relation to `peer`, checked as an outsider would.
Status VerifyLogOf(Authority& owner, Authority& peer) {
  const ledger::Trust trust{ledger::LogKey(owner.id(), peer.id(), owner.card().keys.ledger),
                            {ledger::WitnessKey(peer.id(), peer.card().keys.witness)},
                            1};
  return owner.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(const auto note,
                   reader.GetCheckpoint(peer.id(), store::CheckpointKind::kOwnSettled));
    ENTENTE_ASSIGN(const std::uint64_t size, reader.LedgerSize(peer.id()));
    if (!note) {
      return size == 0 ? Status() : Status(Error{ErrorCode::kCorruptData, "nothing is settled"});
    }
    const exchange::StoredNodes nodes(reader, peer.id());
    const StoredEntries entries(reader, peer.id());
    ENTENTE_ASSIGN(const ledger::LogFiles files,
                   ledger::LogFiles::Open(nodes, entries, AsText(*note), trust));
    ENTENTE_ASSIGN(const ledger::LogSummary summary,
                   ledger::VerifyLog(ExportedFiles(files), trust, ledger::EntryCheck::kLeaves));
    return summary.checkpoint.size == size
               ? Status()
               : Status(Error{ErrorCode::kCorruptData, "the settled log is not the whole log"});
  });
}

Result<std::uint64_t> CheckpointSize(const store::Reader& reader, const PeerId& peer,
                                     store::CheckpointKind kind) {
  ENTENTE_ASSIGN(const auto note, reader.GetCheckpoint(peer, kind));
  if (!note) {
    return std::uint64_t{0};
  }
  ENTENTE_ASSIGN(const ledger::Note parsed, ledger::ParseNoteWithoutVerifying(AsText(*note)));
  ENTENTE_ASSIGN(const ledger::Checkpoint checkpoint, ledger::ParseCheckpoint(parsed.text));
  return checkpoint.size;
}

// What an authority was told by its peer, and what it told it.
struct Told {
  std::uint64_t answered = 0;  // acts of ours, in order
  std::uint64_t settled = 0;   // entries of our log
  std::uint64_t taken = 0;     // acts of the peer
  std::uint64_t cosigned = 0;  // entries of the peer's log
};

Result<Told> ToldOf(Authority& authority, const PeerId& peer) {
  Told told;
  ENTENTE_TRY(authority.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(const store::ChannelState channel, reader.GetChannel(peer));
    ENTENTE_ASSIGN(const auto pending, reader.PendingActs(peer, 0, 1));
    told.answered = (pending.empty() ? channel.next_out : pending.front().sequence) - 1;
    told.taken = channel.next_in - 1;
    ENTENTE_ASSIGN(told.settled, CheckpointSize(reader, peer, store::CheckpointKind::kOwnSettled));
    ENTENTE_ASSIGN(told.cosigned,
                   CheckpointSize(reader, peer, store::CheckpointKind::kPeerCosigned));
    return {};
  }));
  return told;
}

// An entry of a log without its time: what it says happened.
using Entry = std::tuple<ledger::Direction, crypto::Digest, std::uint64_t>;

// The entries that `acts` must have left in the log of the side that holds them.
void AddEntriesOf(const Acts& acts, store::Direction direction, std::multiset<Entry>& entries) {
  for (const auto& [sequence, row] : acts) {
    if (direction == store::Direction::kIn) {
      entries.emplace(row.state == store::ActState::kAccepted ? ledger::Direction::kReceived
                                                              : ledger::Direction::kRefused,
                      row.id, sequence);
      continue;
    }
    entries.emplace(ledger::Direction::kSent, row.id, sequence);
    if (const auto answer = act::DecodeEnvelope(row.answer)) {
      entries.emplace(ledger::Direction::kReceived, crypto::Sha256(answer->payload), sequence);
    }
  }
}

Result<std::multiset<Entry>> EntriesOf(Authority& owner, const PeerId& peer) {
  std::multiset<Entry> entries;
  ENTENTE_TRY(owner.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(const std::uint64_t size, reader.LedgerSize(peer));
    for (std::uint64_t i = 0; i < size; ++i) {
      ENTENTE_ASSIGN(const Bytes bytes, reader.LedgerEntry(peer, i));
      ENTENTE_ASSIGN(const ledger::Leaf leaf, ledger::DecodeLeaf(bytes));
      if (leaf.direction != ledger::Direction::kEvidence && leaf.kind != ledger::kAuditKind) {
        entries.emplace(leaf.direction, leaf.object, leaf.sequence);
      }
    }
    return {};
  }));
  return entries;
}

// The acts of each peer and direction that the audit log of `owner` has a decision about.
Result<std::set<std::tuple<PeerId, ledger::Direction, crypto::Digest>>> DecidedBy(
    Authority& owner) {
  std::set<std::tuple<PeerId, ledger::Direction, crypto::Digest>> decided;
  ENTENTE_TRY(owner.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(const std::uint64_t size, reader.LedgerSize(owner.id()));
    for (std::uint64_t i = 0; i < size; ++i) {
      ENTENTE_ASSIGN(const Bytes bytes, reader.LedgerEntry(owner.id(), i));
      ENTENTE_ASSIGN(const ledger::Leaf leaf, ledger::DecodeLeaf(bytes));
      decided.emplace(leaf.peer, leaf.direction, leaf.object);
    }
    return {};
  }));
  return decided;
}

// Each hourly leaf in the log about `peer` opens to what the audit log of `owner` was.
Status CheckOpenings(Authority& owner, const PeerId& peer) {
  return owner.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(const std::uint64_t size, reader.LedgerSize(peer));
    ENTENTE_ASSIGN(const auto openings, exchange::AuditOpenings(reader, peer, 0, size));
    std::map<std::uint64_t, ledger::AuditOpening> closed;
    for (const ledger::AuditOpening& opening : openings) {
      closed.emplace(opening.index, opening);
    }
    for (std::uint64_t i = 0; i < size; ++i) {
      ENTENTE_ASSIGN(const Bytes bytes, reader.LedgerEntry(peer, i));
      ENTENTE_ASSIGN(const ledger::Leaf leaf, ledger::DecodeLeaf(bytes));
      if (leaf.kind != ledger::kAuditKind) {
        continue;
      }
      const auto opening = closed.extract(i);
      if (opening.empty() || leaf.object != ledger::CommitmentOf(opening.mapped())) {
        return Error{ErrorCode::kCorruptData, "an hourly leaf does not open"};
      }
      ENTENTE_ASSIGN(
          const crypto::Digest root,
          ledger::Root(opening.mapped().size, exchange::StoredNodes(reader, owner.id())));
      if (root != opening.mapped().root) {
        return Error{ErrorCode::kCorruptData, "the audit log is not what was committed to"};
      }
    }
    return closed.empty() ? Status()
                          : Status(Error{ErrorCode::kCorruptData, "an opening without its leaf"});
  });
}

class Checker {
 public:
  explicit Checker(Verdict& verdict) : verdict_(verdict) {}

  void OneWay(Authority& from, Authority& to) {
    const Acts sent = ActsOf(from, to.id(), store::Direction::kOut);
    const Acts received = ActsOf(to, from.id(), store::Direction::kIn);
    const std::string pair = from.endpoint() + ">" + to.endpoint();
    if (sent.size() != received.size()) {
      Fail(pair + ": " + std::to_string(sent.size()) + " acts sent, " +
           std::to_string(received.size()) + " received");
    }
    std::set<act::ActId> seen;
    for (const auto& [sequence, row] : received) {
      if (!seen.insert(row.id).second) {
        ++verdict_.duplicated;
        Fail(pair + ": an act stands twice in the inbox");
      }
      const auto own = sent.find(sequence);
      if (own == sent.end() || own->second.id != row.id) {
        ++verdict_.misordered;
        Fail(pair + ": the peer holds another act at " + std::to_string(sequence));
        continue;
      }
      if (own->second.envelope != row.envelope) {
        Fail(pair + ": the peer holds other bytes at " + std::to_string(sequence));
      }
      const bool is_receipt = row.state == store::ActState::kAccepted;
      verdict_.refused += is_receipt ? 0 : 1;
      const auto expected = is_receipt ? store::ActState::kReceipted : store::ActState::kRefused;
      if (own->second.state != expected || own->second.answer != row.answer) {
        Fail(pair + ": the sides disagree on the outcome of " + std::to_string(sequence));
      }
    }
  }

  void AllAcknowledged(const std::vector<Acknowledged>& acknowledged) {
    std::map<std::pair<Authority*, Authority*>, std::pair<Acts, Acts>> read;
    for (const Acknowledged& act : acknowledged) {
      const auto [found, is_new] = read.try_emplace({act.from, act.to});
      auto& [sent, received] = found->second;
      if (is_new) {
        sent = ActsOf(*act.from, act.to->id(), store::Direction::kOut);
        received = ActsOf(*act.to, act.from->id(), store::Direction::kIn);
      }
      const auto own = sent.find(act.sequence);
      const auto there = received.find(act.sequence);
      if (own == sent.end() || own->second.id != act.id || there == received.end() ||
          there->second.id != act.id) {
        ++verdict_.lost;
        Fail(act.from->endpoint() + ">" + act.to->endpoint() + ": acknowledged act " +
             std::to_string(act.sequence) + " is lost");
      }
    }
  }

  void Pair(Authority& a, Authority& b) {
    const auto ours = a.node().documents().List(b.id());
    const auto theirs = b.node().documents().List(a.id());
    if (!ours || !theirs) {
      return Fail("documents can not be read");
    }
    const auto shared = [](const std::vector<documents::DocumentHead>& heads) {
      std::map<std::string, std::pair<std::size_t, std::size_t>> out;
      for (const documents::DocumentHead& head : heads) {
        if (head.IsProposed()) {
          out[head.id.Hex()] = {head.signatures.size(), head.published_by.size()};
        }
      }
      return out;
    };
    if (shared(*ours) != shared(*theirs)) {
      Fail(a.endpoint() + "/" + b.endpoint() + ": the sides hold different documents");
    }
  }

  // Both completed a round and found the same, or neither believes that it is complete.
  void Rounds(Authority& a, Authority& b) {
    const auto ours = a.node().matching().List(b.id());
    const auto theirs = b.node().matching().List(a.id());
    if (!ours || !theirs) {
      return Fail("rounds can not be read");
    }
    std::map<act::ActId, matching::RoundRow> rows;
    for (const matching::RoundView& view : *theirs) {
      rows.emplace(view.row.offer, view.row);
    }
    for (const matching::RoundView& view : *ours) {
      if (const auto found = rows.find(view.row.offer); found != rows.end()) {
        Round(a.endpoint() + "/" + b.endpoint(), view.row, found->second);
        rows.erase(found);
      } else if (view.row.state != matching::RoundState::kRefused) {
        Fail(a.endpoint() + ": a round of which " + b.endpoint() + " knows nothing");
      }
    }
    for (const auto& [offer, row] : rows) {
      if (row.state != matching::RoundState::kRefused) {
        Fail(b.endpoint() + ": a round of which " + a.endpoint() + " knows nothing");
      }
    }
  }

  // Everything that stands in the store stands in the log once, and nothing else does.
  void EntriesAre(Authority& owner, Authority& peer) {
    std::multiset<Entry> expected;
    for (const store::Direction direction : {store::Direction::kOut, store::Direction::kIn}) {
      AddEntriesOf(ActsOf(owner, peer.id(), direction), direction, expected);
    }
    const auto entries = EntriesOf(owner, peer.id());
    if (!entries || *entries != expected) {
      Fail(owner.endpoint() + ": the log about " + peer.endpoint() +
           " does not name every act and every answer once");
    }
  }

  // The audit log has a decision about every act of either side, and is what peers witnessed.
  void AuditOf(Authority& owner, Authority& peer) {
    const auto decided = DecidedBy(owner);
    const auto is_decided = [&](store::Direction direction, ledger::Direction leaf) {
      const Acts acts = ActsOf(owner, peer.id(), direction);
      return std::ranges::all_of(acts, [&](const auto& act) {
        return decided->contains({peer.id(), leaf, act.second.id});
      });
    };
    if (!decided || !is_decided(store::Direction::kOut, ledger::Direction::kSent) ||
        !is_decided(store::Direction::kIn, ledger::Direction::kReceived)) {
      Fail(owner.endpoint() + ": an act with " + peer.endpoint() + " is not in the audit log");
    }
    if (const Status status = CheckOpenings(owner, peer.id()); !status) {
      Fail(owner.endpoint() + " about " + peer.endpoint() + ": " + status.error().message);
    }
  }

  void LogOf(Authority& owner, Authority& peer) {
    if (const Status status = VerifyLogOf(owner, peer); !status) {
      Fail(owner.endpoint() + ": the log about " + peer.endpoint() + ": " + status.error().message);
    }
  }

  // What `to` told `from`.
  void Promises(Authority& from, Authority& to) {
    const auto told = ToldOf(from, to.id());
    const auto stored = ToldOf(to, from.id());
    if (!told || !stored) {
      return;  // a disk fails
    }
    const std::string who = to.endpoint() + " told " + from.endpoint();
    if (told->answered > stored->taken) {
      Fail(who + " of an act that it has not stored");
    }
    if (told->settled > stored->cosigned) {
      Fail(who + " of a cosignature that it has not stored");
    }
  }

  // Nothing about a relation in the store of somebody else.
  void Apart(Authority& stranger, Authority& a, Authority& b) {
    std::vector<std::string> traces;
    for (const auto& [sequence, row] : ActsOf(a, b.id(), store::Direction::kOut)) {
      traces.emplace_back(AsText(row.id.view()));
    }
    const Bytes contents = stranger.disk().Contents();
    const std::string_view bytes = AsText(contents);
    const bool is_there = std::any_of(traces.begin(), traces.end(), [&](const std::string& id) {
      return bytes.find(id) != std::string_view::npos;
    });
    if (is_there) {
      Fail(stranger.endpoint() + " holds an act between " + a.endpoint() + " and " + b.endpoint());
    }
  }

 private:
  void Fail(std::string why) { verdict_.failures.push_back(std::move(why)); }

  void Round(const std::string& pair, const matching::RoundRow& ours,
             const matching::RoundRow& theirs) {
    using matching::RoundState;
    const auto is_done = [](const matching::RoundRow& row) {
      return row.state == RoundState::kDone;
    };
    const auto knows_no_more = [](const matching::RoundRow& row) {
      return !row.IsOpen() && row.state != RoundState::kDone;
    };
    // Who refuses the last word of a round that is complete for the other stays in dispute.
    const bool is_disputed = (is_done(ours) && theirs.state == RoundState::kDisputed) ||
                             (is_done(theirs) && ours.state == RoundState::kDisputed);
    const bool is_complete = is_done(ours) && is_done(theirs);
    if (!is_complete && !is_disputed && !(knows_no_more(ours) && knows_no_more(theirs))) {
      return Fail(pair + ": a round is " + std::string(StateName(ours.state)) + " here and " +
                  std::string(StateName(theirs.state)) + " there");
    }
    if (!is_complete) {
      return;
    }
    ++verdict_.rounds;
    // Everybody holds one person whom everybody holds.
    if (ours.own_result != theirs.own_result || ours.hit_count != 1 || theirs.hit_count != 1) {
      Fail(pair + ": the sides found different things in one round");
    }
  }

  Verdict& verdict_;
};

}  // namespace

bool IsQuiet(Authority& from, Authority& to) {
  bool is_quiet = false;
  const Status status = from.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(const auto pending, reader.PendingActs(to.id(), 0, 1));
    ENTENTE_ASSIGN(const auto own,
                   reader.GetCheckpoint(to.id(), store::CheckpointKind::kOwnSigned));
    ENTENTE_ASSIGN(const auto settled,
                   reader.GetCheckpoint(to.id(), store::CheckpointKind::kOwnSettled));
    // A settled note is the signed one with the witness's line.
    is_quiet =
        pending.empty() && (!own || (settled && settled->size() > own->size() &&
                                     std::equal(own->begin(), own->end(), settled->begin())));
    return {};
  });
  return status && is_quiet;
}

void CheckPromises(const std::vector<std::unique_ptr<Authority>>& authorities, Verdict& verdict) {
  Checker checker(verdict);
  for (const auto& a : authorities) {
    for (const auto& b : authorities) {
      if (a != b && a->is_running() && b->is_running()) {
        checker.Promises(*a, *b);
      }
    }
  }
}

void Check(const std::vector<std::unique_ptr<Authority>>& authorities,
           const std::vector<Acknowledged>& acknowledged, Verdict& verdict) {
  Checker checker(verdict);
  checker.AllAcknowledged(acknowledged);
  for (const auto& a : authorities) {
    for (const auto& b : authorities) {
      if (a == b) {
        continue;
      }
      checker.OneWay(*a, *b);
      checker.LogOf(*a, *b);
      checker.EntriesAre(*a, *b);
      checker.AuditOf(*a, *b);
      if (a->id() < b->id()) {
        checker.Pair(*a, *b);
        checker.Rounds(*a, *b);
      }
      for (const auto& stranger : authorities) {
        if (stranger != a && stranger != b) {
          checker.Apart(*stranger, *a, *b);
        }
      }
    }
  }
}

}  // namespace entente::sim

#include "sim/check.h"

#include <algorithm>
#include <set>

#include "entente/exchange/journal.h"
#include "entente/ledger/checkpoint.h"
#include "entente/ledger/export.h"
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
      const bool is_receipt = row.state == store::ActState::kAccepted;
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

  void LogOf(Authority& owner, Authority& peer) {
    if (const Status status = VerifyLogOf(owner, peer); !status) {
      Fail(owner.endpoint() + ": the log about " + peer.endpoint() + ": " + status.error().message);
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
      if (a->id() < b->id()) {
        checker.Pair(*a, *b);
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

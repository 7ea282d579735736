// Attacks on the witness, as a log that cheats, and on the node's log, as a witness that cheats.
#include <limits>

#include "entente/ledger/checkpoint.h"
#include "entente/ledger/cosignature.h"
#include "entente/ledger/relation.h"
#include "entente/ledger/witness.h"
#include "tests/hostile/caller.h"

namespace entente::hostile {
namespace {

using peer::FrameType;

constexpr std::string_view kJudge = "entente/ledger/witness.cc: Judge";
constexpr std::string_view kSettle = "entente/exchange/journal.cc: Settle";

// A log of two leaves, of which the node under attack is asked to be the witness.
class CheatingLog {
 public:
  static Result<CheatingLog> Open(Arena& arena) {
    ENTENTE_ASSIGN(const Authority* const as, arena.NewPeer());
    ENTENTE_ASSIGN(Caller caller, Caller::Link(arena, *as));
    return CheatingLog(arena, *as, std::move(caller));
  }

  const Authority& as() const { return as_; }
  crypto::Digest leaf(std::uint8_t number) const { return crypto::Sha256(Bytes{number}); }
  crypto::Digest root_of_two() const {
    Bytes node{1};
    Append(node, leaf(0).view());
    Append(node, leaf(1).view());
    return crypto::Sha256(node);
  }
  ledger::Checkpoint checkpoint(std::uint64_t size, const crypto::Digest& root) const {
    return {ledger::LogOrigin(as_.id(), arena_.target().id()), size, root};
  }
  std::string Signed(const ledger::Checkpoint& checkpoint) const {
    return *ledger::SignCheckpoint(checkpoint, as_.ledger());
  }

  // What the witness replies.
  Seen Ask(std::uint64_t old_size, ledger::ProofHashes proof, std::string note) {
    return AskRaw(ledger::FormatAddCheckpoint({old_size, std::move(proof), std::move(note)}));
  }
  Seen AskRaw(const std::string& body) {
    caller_.Say(FrameType::kCheckpoint, body);
    return caller_.HearReply();
  }
  // The witness has cosigned the first leaf, or both.
  Status Grow(std::uint64_t size) {
    const Seen first = Ask(0, {}, Signed(checkpoint(1, leaf(0))));
    const Seen second = size == 1 ? first : Ask(1, {leaf(1)}, Signed(checkpoint(2, root_of_two())));
    return first.code == "200" && second.code == "200"
               ? Status()
               : Error{ErrorCode::kInternal, "the witness cosigns no right checkpoint"};
  }

 private:
  CheatingLog(Arena& arena, const Authority& as, Caller caller)
      : arena_(arena), as_(as), caller_(std::move(caller)) {}

  Arena& arena_;
  const Authority& as_;
  Caller caller_;
};

Result<Seen> Smaller(Arena& arena) {
  ENTENTE_ASSIGN(CheatingLog log, CheatingLog::Open(arena));
  ENTENTE_TRY(log.Grow(2));
  return log.Ask(1, {}, log.Signed(log.checkpoint(1, log.leaf(0))));
}

Result<Seen> Shrinking(Arena& arena) {
  ENTENTE_ASSIGN(CheatingLog log, CheatingLog::Open(arena));
  ENTENTE_TRY(log.Grow(2));
  return log.Ask(2, {}, log.Signed(log.checkpoint(1, log.leaf(0))));
}

Result<Seen> Fork(Arena& arena) {
  ENTENTE_ASSIGN(CheatingLog log, CheatingLog::Open(arena));
  ENTENTE_TRY(log.Grow(1));
  return log.Ask(1, {}, log.Signed(log.checkpoint(1, log.leaf(7))));
}

Result<Seen> BadProof(Arena& arena) {
  ENTENTE_ASSIGN(CheatingLog log, CheatingLog::Open(arena));
  ENTENTE_TRY(log.Grow(1));
  return log.Ask(1, {log.leaf(7)}, log.Signed(log.checkpoint(2, log.root_of_two())));
}

Result<Seen> NoProof(Arena& arena) {
  ENTENTE_ASSIGN(CheatingLog log, CheatingLog::Open(arena));
  ENTENTE_TRY(log.Grow(1));
  return log.Ask(1, {}, log.Signed(log.checkpoint(2, log.root_of_two())));
}

Result<Seen> LongProof(Arena& arena) {
  ENTENTE_ASSIGN(CheatingLog log, CheatingLog::Open(arena));
  constexpr std::size_t kHashes = 64;
  return log.Ask(1, ledger::ProofHashes(kHashes, log.leaf(0)),
                 log.Signed(log.checkpoint(2, log.root_of_two())));
}

Result<Seen> TooHuge(Arena& arena) {
  ENTENTE_ASSIGN(CheatingLog log, CheatingLog::Open(arena));
  return log.Ask(0, {}, log.Signed(log.checkpoint(std::uint64_t{1} << 63U, log.leaf(0))));
}

Result<Seen> Huge(Arena& arena) {
  ENTENTE_ASSIGN(CheatingLog log, CheatingLog::Open(arena));
  ENTENTE_TRY(log.Grow(1));
  constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
  constexpr std::size_t kHashes = 63;
  return log.Ask(1, ledger::ProofHashes(kHashes, log.leaf(0)),
                 log.Signed(log.checkpoint(kLargest, log.leaf(0))));
}

Result<Seen> OtherOrigin(Arena& arena) {
  ENTENTE_ASSIGN(CheatingLog log, CheatingLog::Open(arena));
  ledger::Checkpoint other = log.checkpoint(1, log.leaf(0));
  other.origin = ledger::LogOrigin(arena.target().id(), log.as().id());
  return log.Ask(0, {}, log.Signed(other));
}

Result<Seen> OtherKey(Arena& arena) {
  ENTENTE_ASSIGN(CheatingLog log, CheatingLog::Open(arena));
  return log.Ask(0, {},
                 *ledger::SignCheckpoint(log.checkpoint(1, log.leaf(0)), log.as().witness()));
}

Result<Seen> LenientBase64(Arena& arena) {
  ENTENTE_ASSIGN(CheatingLog log, CheatingLog::Open(arena));
  std::string note = log.Signed(log.checkpoint(1, log.leaf(0)));
  const std::size_t end = note.find("=\n");  // of the root: 32 bytes end in "x="
  note[end - 1] = note[end - 1] == 'B' ? 'C' : 'B';
  return log.Ask(0, {}, std::move(note));
}

Result<Seen> LeadingZero(Arena& arena) {
  ENTENTE_ASSIGN(CheatingLog log, CheatingLog::Open(arena));
  std::string body =
      ledger::FormatAddCheckpoint({0, {}, log.Signed(log.checkpoint(1, log.leaf(0)))});
  return log.AskRaw(body.replace(0, 5, "old 00"));
}

Result<Seen> ManySignatures(Arena& arena) {
  ENTENTE_ASSIGN(CheatingLog log, CheatingLog::Open(arena));
  const std::string note = log.Signed(log.checkpoint(1, log.leaf(0)));
  const std::string line = note.substr(note.find("\n\n") + 2);
  std::string more = note;
  for (std::size_t i = 0; i < ledger::kNoteSignaturesMax; ++i) {
    more += line;
  }
  return log.Ask(0, {}, more);
}

// A right request of the node for a cosignature, and what it says to the reply that `make` returns.
struct Request {
  Arena& arena;
  const Authority& as;
  std::string text;  // of the checkpoint

  std::string CosignedBy(const crypto::Signer& signer, std::string_view signed_text) const {
    const auto line =
        ledger::Cosign(signed_text, ledger::WitnessName(as.id()), signer, arena.clock().Now());
    return ledger::FormatWitnessReply(ledger::WitnessAnswer::kCosign,
                                      ledger::FormatSignatureLine(*line));
  }
};

Result<Request> HearRequest(Arena& arena, Caller& caller) {
  const auto frame = caller.Hear(FrameType::kCheckpoint);
  if (!frame) {
    return Error{ErrorCode::kInternal, "the node under attack asks for no cosignature"};
  }
  ENTENTE_ASSIGN(const auto request, ledger::ParseAddCheckpoint(AsText(frame->payload)));
  ENTENTE_ASSIGN(ledger::Note note, ledger::ParseNoteWithoutVerifying(request.checkpoint));
  return Request{arena, caller.as(), std::move(note.text)};
}

Result<Seen> Reply(Arena& arena, std::string (*make)(const Request&), int times = 1) {
  ENTENTE_ASSIGN(const Authority* const as, arena.NewPeer());
  ENTENTE_ASSIGN(Caller caller, Caller::Link(arena, *as));
  ENTENTE_TRY(arena.ProposeTo(as->id()));
  for (int i = 0; i < times; ++i) {
    ENTENTE_ASSIGN(const Request request, HearRequest(arena, caller));
    caller.Say(FrameType::kCosignature, make(request));
  }
  return caller.HearBye();
}

Result<Seen> ByLogKey(Arena& arena) {
  return Reply(arena, [](const Request& request) {
    return request.CosignedBy(request.as.ledger(), request.text);
  });
}

Result<Seen> ByLogKeyRenamed(Arena& arena) {
  return Reply(arena, [](const Request& request) {
    ledger::SignatureLine line = *ledger::Cosign(request.text, ledger::WitnessName(request.as.id()),
                                                 request.as.ledger(), request.arena.clock().Now());
    line.key_id = ledger::WitnessKey(request.as.id(), request.as.card().keys.witness).id();
    return ledger::FormatWitnessReply(ledger::WitnessAnswer::kCosign,
                                      ledger::FormatSignatureLine(line));
  });
}

Result<Seen> OfOtherNote(Arena& arena) {
  return Reply(arena, [](const Request& request) {
    const ledger::Checkpoint own = *ledger::ParseCheckpoint(request.text);
    const ledger::Checkpoint other{own.origin, own.size + 1, own.root};
    return request.CosignedBy(request.as.witness(), ledger::FormatCheckpoint(other));
  });
}

Result<Seen> OtherStatus(Arena& arena) {
  return Reply(arena, [](const Request&) { return std::string("299\n"); });
}

Result<Seen> UnknownLog(Arena& arena) {
  return Reply(arena, [](const Request&) { return std::string("404\n"); });
}

Result<Seen> StaleForEver(Arena& arena) {
  return Reply(arena, [](const Request&) { return std::string("409\n0\n"); }, 2);
}

Result<Seen> NoSize(Arena& arena) {
  return Reply(arena, [](const Request&) { return std::string("409\n-1\n"); });
}

Result<Seen> LaterLog(Arena& arena) {
  return Reply(arena, [](const Request&) { return std::string("409\n99\n"); });
}

Result<Seen> OtherLog(Arena& arena) {
  return Reply(arena, [](const Request&) { return std::string("422\n"); });
}

}  // namespace

std::vector<Attack> LedgerAttacks() {
  const auto reply = [](const char* status, const char* words,
                        std::vector<std::string> evidence = {}) {
    return Refusal{Sign::kReply, status, words, std::move(evidence)};
  };
  const auto bye = [](const char* words) {
    return Refusal{Sign::kBye, "peer_violation", words, {}};
  };
  const std::string_view parse = "entente/ledger/witness.cc: ParseAddCheckpoint";
  const std::string_view cosignature = "entente/ledger/witness.cc: AddCosignature";
  const Refusal uncosigned = bye("no valid cosignature");
  return {
      {"log-smaller", "a checkpoint below the one cosigned last", reply("409", "2"), kJudge,
       Smaller},
      {"log-shrinks", "the same, from the size cosigned last",
       reply("400", "the old size is above"), kJudge, Shrinking},
      {"log-fork", "another root for the size cosigned last",
       reply("422", "", {"fork of the peer's log"}), kJudge, Fork},
      {"log-bad-proof", "growth with a false consistency proof", reply("422", ""), kJudge,
       BadProof},
      {"log-no-proof", "growth without a proof", reply("422", ""), kJudge, NoProof},
      {"log-64-hashes", "a proof of 64 hashes", reply("400", "63"), parse, LongProof},
      {"log-size-2^63", "a log of 2^63 entries", reply("400", ""), kJudge, TooHuge},
      {"log-size-2^63-1", "a log of 2^63 - 1 entries and 63 invented hashes", reply("422", ""),
       kJudge, Huge},
      {"log-other-origin", "a checkpoint of the node's own log, signed by the attacker",
       reply("404", ""), kJudge, OtherOrigin},
      {"log-other-key", "a checkpoint signed by the witness key", reply("403", ""), kJudge,
       OtherKey},
      {"log-lenient-base64", "a root whose unused bits are set", reply("400", "base64"), kJudge,
       LenientBase64},
      {"log-leading-zero", "an old size of 00", reply("400", ""), parse, LeadingZero},
      {"log-33-signatures", "a checkpoint with 33 signatures", reply("400", ""), parse,
       ManySignatures},
      {"witness-log-key", "a cosignature by the log key of the same card", uncosigned, cosignature,
       ByLogKey},
      {"witness-log-key-renamed", "the same, under the id of the witness key", uncosigned,
       cosignature, ByLogKeyRenamed},
      {"witness-other-note", "a right cosignature of a note the node never sent", uncosigned,
       cosignature, OfOtherNote},
      {"witness-other-status", "a status that does not exist", bye("no status of tlog-witness"),
       "entente/ledger/witness.cc: ParseWitnessReply", OtherStatus},
      {"witness-unknown-log", "says that it does not know the node's log",
       bye("the witness refuses our checkpoint with status 404"), kSettle, UnknownLog},
      {"witness-stale-for-ever", "names a size, then refuses it",
       bye("the witness refuses the size it named itself"),
       "entente/exchange/link.cc: OnCosignature", StaleForEver},
      {"witness-later-log",
       "says that it cosigned more than there is",
       {Sign::kBye, "corrupt_data", "internal trouble", {}},
       kSettle,
       LaterLog},
      {"witness-other-log",
       "says that it cosigned another log",
       {Sign::kBye, "corrupt_data", "internal trouble", {}},
       kSettle,
       OtherLog},
      {"witness-no-size", "names no size", bye("names no size"), kSettle, NoSize},
  };
}

}  // namespace entente::hostile

// What the node remembers of one matching round: the stored row of table "rounds".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "entente/act/act.h"
#include "entente/base/time.h"
#include "entente/psi/round.h"
#include "entente/store/store.h"

namespace entente::matching {

enum class RoundState {
  kOffered,   // by us or by the peer; a human of the acceptor must decide
  kAccepted,  // both agreed; waits for the link or runs
  kDone,      // both results are in and equal
  kDisputed,  // this node has a result that the peer's contradicts or will not confirm: compare
  kDeclined,  // the acceptor said no, or one side withdrew
  kRefused,   // the peer's policy refused our act
  kFailed,    // it could not be completed; `failure` says why
};
std::string_view StateName(RoundState state);

// What one side put in, as its act states it.
struct RoundSide {
  std::string origin;            // store::OriginName
  std::uint64_t records = 0;     // RecordsClass, not the count
  std::uint64_t size_class = 0;  // of the number of keys
  crypto::Digest commitment;     // to its keys, salted
  bool operator==(const RoundSide&) const = default;
};

// What one side says it found, as its match.result act states it.
struct RoundResult {
  std::uint32_t attempt = 0;
  std::uint64_t common_keys = 0;
  crypto::Digest intersection;
  crypto::Digest transcript;
  bool operator==(const RoundResult&) const = default;
};

struct RoundRow {
  act::ActId offer;
  std::optional<act::ActId> accept;
  act::AgreementId agreement;
  psi::Role role = psi::Role::kProposer;
  RoundState state = RoundState::kOffered;
  std::string purpose;
  UtcTime time;  // when the offer was made or received here, by our clock
  std::optional<RoundSide> own;
  std::optional<RoundSide> peer;
  // Ours alone, absent until we put something in: which collection, as of when, and the salt that
  // opens the commitment.
  std::string collection;
  UtcTime collection_time;
  act::Salt salt;
  std::uint32_t attempt = 0;  // the last one begun
  bool is_revealed = false;   // tags of this node left or were about to: no further attempt
  std::optional<RoundResult> own_result;
  std::optional<RoundResult> peer_result;
  std::uint64_t hit_count = 0;  // own records
  std::uint64_t run_ms = 0;     // duration of the attempt that succeeded
  std::string failure;          // kFailed, kRefused, kDeclined: one line

  bool IsOpen() const { return state == RoundState::kOffered || state == RoundState::kAccepted; }
  bool operator==(const RoundRow&) const = default;
};

Bytes EncodeRow(const RoundRow& row);
// Errors: kCorruptData for anything EncodeRow does not write.
Result<RoundRow> DecodeRow(ByteView bytes);

// The table. Errors, of all that read: those of DecodeRow.
Result<std::optional<RoundRow>> FindRound(const store::Reader& reader, const PeerId& peer,
                                          const act::ActId& offer);
// Errors: kNotFound.
Result<RoundRow> RequireRound(const store::Reader& reader, const PeerId& peer,
                              const act::ActId& offer);
// The first 100,000 in the order of their ids.
Result<std::vector<RoundRow>> ListRounds(const store::Reader& reader, const PeerId& peer);
Status PutRound(store::Transaction& transaction, const PeerId& peer, const RoundRow& row);

// Is what we put in still there? Errors: kConflict if the collection was replaced or removed.
Status CheckCollection(const store::Reader& reader, const RoundRow& row);

}  // namespace entente::matching

// What a node gives back to a peer that was restored from an older copy: the peer's own acts with
// our answers, and our acts with the peer's answers, in the order of our ledger.
//
// That order is one in which the peer itself may have gone: whatever an act or answer of the peer
// rests on stands before it. Everything is signed by the peer or by us, so a node that takes it
// checks signatures and trusts nothing else (Exchange::TakeRecalled). What the peer may ask for
// crossed to it before. Format: docs/formats/peer-link.md. Threads: the node's owner thread.
#pragma once

#include <cstdint>
#include <optional>

#include "entente/base/bytes.h"
#include "entente/base/result.h"
#include "entente/exchange/guard.h"
#include "entente/store/store.h"

namespace entente::exchange {

// Asks for what comes behind. `you` is who answers.
struct RecallRequest {
  Position mine;   // the last act of mine whose answer I hold
  Position yours;  // the last act of yours that I hold
  bool operator==(const RecallRequest&) const = default;
};
Bytes EncodeRecallRequest(const RecallRequest& request);
// Errors, of all three decoders: kPeerViolation for anything the encoder does not write.
Result<RecallRequest> DecodeRecallRequest(ByteView bytes);

// An act of either side and its answer, as envelopes.
struct Recalled {
  Bytes act;  // empty if the writer erased it: the answer is all that is left
  Bytes answer;
  Bytes log;  // only without the act: the reader's log as in RecallEnd::your_log, which bounds what
              // a bare answer may claim
  bool operator==(const Recalled&) const = default;
};
Bytes EncodeRecalled(const Recalled& recalled);
Result<Recalled> DecodeRecalled(ByteView bytes);

// The end of it: both logs as they stand at the one who answers; notes, empty if there is none.
struct RecallEnd {
  Bytes your_log;  // as cosigned last by the writer, without the cosignature
  Bytes my_log;    // the writer's, with the reader's cosignature
  bool operator==(const RecallEnd&) const = default;
};
Bytes EncodeRecallEnd(const RecallEnd& end);
Result<RecallEnd> DecodeRecallEnd(ByteView bytes);

// Answers one request, piece by piece, so that the owner bounds what waits for the connection.
class Recall {
 public:
  // Errors: those of the store.
  static Result<Recall> Open(const store::Reader& reader, const PeerId& peer,
                             const RecallRequest& request);
  // The next one, nothing at the end. Errors: those of the store; kCorruptData.
  Result<std::optional<Recalled>> Next(const store::Reader& reader);
  // Errors: those of the store.
  Result<RecallEnd> End(const store::Reader& reader) const;

 private:
  Recall(PeerId peer, const RecallRequest& request) : peer_(std::move(peer)), request_(request) {}

  PeerId peer_;
  RecallRequest request_;
  std::uint64_t next_leaf_ = 0;
};

}  // namespace entente::exchange

// A parcel: what one node has for another, in a file that people carry where no link can be.
//
//   file     = "entente-parcel/1\n" | box(size | manifest | items), to the receiver's encryption
//   key manifest = an envelope (act/envelope.h) of type kParcelType, signed by the sender; size:
//   u32 items    = frames (wire/frame.h), in the order in which they are to be taken
//
// The manifest names sender, receiver, epoch, number, time and the SHA-256 of all items, so the
// signature covers every byte. Nothing of it stands outside the box: a parcel that is lost tells
// its size. Format: docs/formats/courier.md. Threads: pure functions.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "entente/act/card.h"
#include "entente/base/bytes.h"
#include "entente/base/result.h"
#include "entente/base/strong_id.h"
#include "entente/base/time.h"
#include "entente/crypto/box.h"
#include "entente/wire/frame.h"

namespace entente::peer {

inline constexpr std::size_t kParcelBytesMax = std::size_t{64} << 20U;
// What is left of it for the items, their frame headers included.
inline constexpr std::size_t kParcelItemsBytesMax = kParcelBytesMax - 4096;
// Bounds the memory of an opened parcel by its bytes.
inline constexpr std::size_t kParcelItemsMax = std::size_t{1} << 17U;
inline constexpr std::int64_t kParcelNumberMax = (std::int64_t{1} << 53U) - 1;
inline constexpr std::string_view kParcelType = "application/vnd.entente.parcel+json";

enum class ParcelItem : std::uint8_t {
  kAct = 2,         // an act's envelope
  kAnswer = 3,      // an answer's envelope
  kCheckpoint = 4,  // an add-checkpoint request for the sender's log
  kCosigned = 5,    // the checkpoint of the receiver's log that the sender cosigned last
  kStanding = 6,    // what the sender holds of the receiver
};

struct Manifest {
  PeerId from;
  PeerId to;
  std::uint64_t epoch = 1;   // the sender's to the receiver: higher after each restore
  std::uint64_t number = 0;  // the sender counts its parcels to the receiver, from 1
  UtcTime time;
  bool operator==(const Manifest&) const = default;
};

struct Parcel {
  Manifest manifest;
  std::vector<wire::Frame> items;
};

// The keys of a sender, and the encryption key of the receiver's card.
struct ParcelKeys {
  const crypto::Signer& message;
  const crypto::BoxKey& encryption;
  const crypto::PublicKey& receiver;
};
// Errors: kLimitExceeded above kParcelItemsBytesMax; kInvalidInput if nobody can seal to the
// receiver; what Signer::Sign returns.
Result<Bytes> SealParcel(const Manifest& manifest, ByteView items, const ParcelKeys& keys);

// The card of a node that a manifest names as its sender. Errors: kNotFound.
using FindCard = std::function<Result<act::Card>(const PeerId&)>;
// Opens and verifies the file; nothing unverified is returned.
// Errors: kInvalidInput if it is no parcel, another version's, sealed to or made for another node,
// altered, or not signed by whom it names; those of `find_card`; kLimitExceeded above
// kParcelBytesMax; kPeerViolation if its sender signed items that are malformed, or more than
// kParcelItemsMax.
Result<Parcel> OpenParcel(ByteView file, const PeerId& own, const crypto::BoxKey& encryption,
                          const FindCard& find_card);

}  // namespace entente::peer

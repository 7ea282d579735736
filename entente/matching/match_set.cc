#include "entente/matching/match_set.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "entente/crypto/random.h"
#include "entente/records/record.h"

namespace entente::matching {
namespace {

constexpr std::string_view kTable = "round_entries";
constexpr std::size_t kPageRecords = 1000;
constexpr std::size_t kChunkEntries = 8192;
constexpr std::size_t kEntryBytes = psi::RoundInput::kSize + 8 + 1;

std::string ChunkKey(const std::string& round, std::size_t chunk) {
  std::string number = std::to_string(chunk);
  number.insert(0, 8 - std::min<std::size_t>(8, number.size()), '0');
  return round + "/" + number;
}

// One build on its way through owner thread and background; owns itself until `done`.
class Builder : public std::enable_shared_from_this<Builder> {
 public:
  Builder(const BuildContext& context, std::string collection,
          std::function<void(std::uint64_t)> progress, std::function<void(Result<MatchSet>)> done)
      : context_(context),
        collection_(std::move(collection)),
        progress_(std::move(progress)),
        done_(std::move(done)) {}

  void Start() {
    const Status status = context_.store.Read([this](const store::Reader& reader) -> Status {
      ENTENTE_ASSIGN(const auto found, reader.GetCollection(collection_));
      if (!found) {
        return Error{ErrorCode::kNotFound, "no collection of that name; see `entente list show`"};
      }
      if (found->origin == store::Origin::kOperational) {
        return Error{ErrorCode::kNotPermitted,
                     "operational collections are not matched until gate, limits, retention and "
                     "subject requests are built; use a synthetic or public list"};
      }
      set_.collection = *found;
      return {};
    });
    if (!status) {
      return done_(status.error());
    }
    NextPage();
  }

 private:
  void NextPage() {
    auto page = std::make_shared<std::vector<store::RecordRow>>();
    const Status status = context_.store.Read([&](const store::Reader& reader) -> Status {
      ENTENTE_ASSIGN(const auto now, reader.GetCollection(collection_));
      if (!now || now->time != set_.collection.time) {
        return Error{ErrorCode::kConflict,
                     "the collection was replaced while its keys were computed; try again"};
      }
      ENTENTE_ASSIGN(*page, reader.ReadRecords(collection_, last_number_, kPageRecords));
      return {};
    });
    if (!status) {
      return done_(status.error());
    }
    if (page->empty()) {
      return Seal();
    }
    auto entries = std::make_shared<Result<std::vector<Entry>>>(std::vector<Entry>());
    context_.background.Run(
        [page, entries] { *entries = EntriesOf(*page); },
        [self = shared_from_this(), page, entries] { self->TakePage(*page, *entries); });
  }

  void TakePage(const std::vector<store::RecordRow>& page,
                const Result<std::vector<Entry>>& entries) {
    if (!entries) {
      return done_(entries.error());
    }
    set_.entries.insert(set_.entries.end(), entries->begin(), entries->end());
    last_number_ = page.back().number;
    records_done_ += page.size();
    progress_(records_done_);
    NextPage();
  }

  void Seal() {
    context_.background.Run(
        [self = shared_from_this()] {
          MatchSet& set = self->set_;
          std::sort(set.entries.begin(), set.entries.end());
          set.entries.erase(std::unique(set.entries.begin(), set.entries.end()), set.entries.end());
          set.input_count = InputsOf(set.entries).size();
        },
        [self = shared_from_this()] {
          MatchSet& set = self->set_;
          const auto size_class = psi::SizeClass(set.input_count);
          if (!size_class) {
            return self->done_(size_class.error());
          }
          set.size_class = *size_class;
          set.salt = crypto::RandomBytes<act::Salt>(self->context_.random);
          set.commitment = CommitmentTo(set.entries, set.salt);
          self->done_(std::move(set));
        });
  }

  BuildContext context_;
  std::string collection_;
  std::function<void(std::uint64_t)> progress_;
  std::function<void(Result<MatchSet>)> done_;
  MatchSet set_;
  std::uint64_t last_number_ = 0;
  std::uint64_t records_done_ = 0;
};

}  // namespace

std::uint64_t RecordsClass(std::uint64_t record_count) {
  constexpr std::array<std::uint64_t, 10> kSeries{100, 125, 160, 200, 250, 315, 400, 500, 630, 800};
  for (std::uint64_t factor = 1;; factor *= 10) {
    for (const std::uint64_t number : kSeries) {
      if (record_count <= number * factor) {
        return number * factor;
      }
    }
  }
}

std::vector<psi::RoundInput> InputsOf(const std::vector<Entry>& entries) {
  std::vector<psi::RoundInput> inputs;
  for (const Entry& entry : entries) {
    if (inputs.empty() || inputs.back() != entry.input) {
      inputs.push_back(entry.input);
    }
  }
  return inputs;
}

crypto::Digest CommitmentTo(const std::vector<Entry>& entries, const act::Salt& salt) {
  crypto::Sha256Stream stream;
  stream.Update(AsBytes("entente-round-commitment/1"));
  stream.Update(salt.view());
  for (const psi::RoundInput& input : InputsOf(entries)) {
    stream.Update(input.view());
  }
  return stream.Current();
}

Result<std::vector<Entry>> EntriesOf(const std::vector<store::RecordRow>& records) {
  const crypto::Digest scheme = match::SchemeDigest();
  std::vector<Entry> out;
  for (const store::RecordRow& row : records) {
    ENTENTE_ASSIGN(const records::Record record, records::Decode(row.bytes));
    if (record.is_protected) {
      continue;
    }
    for (const match::Key& key : match::BuildKeys(record)) {
      out.push_back({InputOf(key, scheme), row.number, key.rule});
    }
  }
  return out;
}

psi::RoundInput InputOf(const match::Key& key, const crypto::Digest& scheme) {
  const crypto::Digest digest =
      crypto::HashFields("entente-round-input/1", {scheme.view(), AsBytes(key.text)});
  return psi::RoundInput{digest.bytes};
}

void BuildMatchSet(const BuildContext& context, const std::string& collection,
                   std::function<void(std::uint64_t records_done)> progress,
                   std::function<void(Result<MatchSet>)> done) {
  std::make_shared<Builder>(context, collection, std::move(progress), std::move(done))->Start();
}

Status StoreEntries(store::Transaction& transaction, const PeerId& peer, const std::string& round,
                    const std::vector<Entry>& entries) {
  for (std::size_t at = 0; at < entries.size(); at += kChunkEntries) {
    Bytes chunk;
    chunk.reserve(kChunkEntries * kEntryBytes);
    for (std::size_t i = at; i < std::min(entries.size(), at + kChunkEntries); ++i) {
      Append(chunk, entries[i].input.view());
      for (const unsigned shift : {56U, 48U, 40U, 32U, 24U, 16U, 8U, 0U}) {
        chunk.push_back(static_cast<std::uint8_t>(entries[i].record_number >> shift));
      }
      chunk.push_back(static_cast<std::uint8_t>(entries[i].rule));
    }
    ENTENTE_TRY(transaction.PutRow(kTable, peer, ChunkKey(round, at / kChunkEntries), chunk));
  }
  return {};
}

Result<std::vector<Entry>> LoadEntries(const store::Reader& reader, const PeerId& peer,
                                       const std::string& round) {
  std::vector<Entry> out;
  for (std::size_t chunk = 0;; ++chunk) {
    ENTENTE_ASSIGN(const auto bytes, reader.GetRow(kTable, peer, ChunkKey(round, chunk)));
    if (!bytes) {
      return out;
    }
    if (bytes->size() % kEntryBytes != 0) {
      return Error{ErrorCode::kCorruptData, "stored round entries are cut"};
    }
    for (std::size_t at = 0; at < bytes->size(); at += kEntryBytes) {
      const ByteView entry = ByteView(*bytes).subspan(at, kEntryBytes);
      Entry parsed;
      ENTENTE_ASSIGN(parsed.input, psi::RoundInput::From(entry.first(psi::RoundInput::kSize)));
      for (std::size_t i = 0; i < 8; ++i) {
        parsed.record_number = parsed.record_number << 8U | entry[psi::RoundInput::kSize + i];
      }
      if (entry.back() >= match::Rules().size()) {
        return Error{ErrorCode::kCorruptData, "a stored round entry names an unknown rule"};
      }
      parsed.rule = static_cast<match::RuleId>(entry.back());
      out.push_back(parsed);
    }
  }
}

Status EraseEntries(store::Transaction& transaction, const PeerId& peer, const std::string& round) {
  for (std::size_t chunk = 0;; ++chunk) {
    const std::string key = ChunkKey(round, chunk);
    ENTENTE_ASSIGN(const auto bytes, transaction.GetRow(kTable, peer, key));
    if (!bytes) {
      return {};
    }
    ENTENTE_TRY(transaction.DeleteRow(kTable, peer, key));
  }
}

}  // namespace entente::matching

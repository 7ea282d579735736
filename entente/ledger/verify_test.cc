#include "entente/ledger/verify.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "entente/base/testing.h"
#include "entente/ledger/testing.h"
#include "entente/ledger/tile.h"

namespace entente::ledger {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::Pair;
using ::testing::StartsWith;

constexpr auto kLeaves = EntryCheck::kLeaves;

void Flip(Bytes& bytes, std::size_t bit) {
  bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
}

// The worst case of the bit-flip tests: two tiles, two bundles, a level above.
class ExportOf300 : public ::testing::Test {
 protected:
  Result<LogSummary> Verify() const { return VerifyLog(files_, log_.trust(), kLeaves); }

  // By the hashes alone: what a flipped entry says is not even looked at.
  void ExpectEveryFlipFound(const std::string& path, std::size_t stride) {
    Bytes& bytes = files_.files.at(path);
    for (std::size_t bit = 0; bit < bytes.size() * 8; bit += stride) {
      Flip(bytes, bit);
      EXPECT_THAT(VerifyLog(files_, log_.trust(), EntryCheck::kOpaque),
                  FailsWith(ErrorCode::kCorruptData, StartsWith(path + ": ")))
          << "bit " << bit;
      Flip(bytes, bit);
    }
  }

  const LogForTests log_{300};
  FilesForTests files_{log_};
};

TEST_F(ExportOf300, IsATreeOfStaticFiles) {
  EXPECT_THAT(files_.files, ElementsAre(Key("checkpoint"), Key("log.policy"), Key("tile/0/000"),
                                        Key("tile/0/001.p/44"), Key("tile/1/000.p/1"),
                                        Key("tile/entries/000"), Key("tile/entries/001.p/44")));
}

TEST_F(ExportOf300, Verifies) {
  const auto summary = Verify();
  ASSERT_THAT(summary, IsOk());
  EXPECT_EQ(summary->checkpoint, log_.CheckpointAt(300));
  EXPECT_EQ(summary->cosigned_at, LogForTests::kCosignedAt);
  EXPECT_THAT(summary->kinds,
              ElementsAre(Pair("receipt", 100U), Pair("request.information", 200U)));
}

TEST_F(ExportOf300, EveryFlippedBitOfASmallFileIsFound) {
  ExpectEveryFlipFound("checkpoint", 1);
  ExpectEveryFlipFound("log.policy", 1);
  ExpectEveryFlipFound("tile/1/000.p/1", 1);
}

// All bits of all files: the `slow` test tests/interop/ledger/flip_every_bit_test.cc.
TEST_F(ExportOf300, FlippedBitsOfLargeFilesAreFound) {
  ExpectEveryFlipFound("tile/0/000", 307);
  ExpectEveryFlipFound("tile/0/001.p/44", 101);
  ExpectEveryFlipFound("tile/entries/000", 1009);
  ExpectEveryFlipFound("tile/entries/001.p/44", 211);
}

TEST_F(ExportOf300, NamesTheFirstBadEntryOfABundle) {
  // The entry's length, its first and its last byte.
  const std::size_t size = log_.Entry(256)->size();
  Bytes& bundle = files_.files.at("tile/entries/001.p/44");
  for (const std::size_t byte : {size + 2, size + 3, size + 4, size + 40}) {
    Flip(bundle, byte * 8);
    EXPECT_THAT(Verify(), FailsWith(ErrorCode::kCorruptData,
                                    StartsWith("tile/entries/001.p/44: entry 257: ")));
    Flip(bundle, byte * 8);
  }
}

TEST_F(ExportOf300, NamesTheFirstBadEntryOfATile) {
  Flip(files_.files.at("tile/0/000"), std::size_t{77 * 32 + 31} * 8);
  EXPECT_THAT(Verify(), FailsWith(ErrorCode::kCorruptData, StartsWith("tile/0/000: entry 77: ")));
}

TEST_F(ExportOf300, NamesTheFirstEntryUnderABadHashOfAHigherTile) {
  const LogForTests log(600);
  FilesForTests files(log);
  Flip(files.files.at("tile/1/000.p/2"), std::size_t{32} * 8);
  EXPECT_THAT(VerifyLog(files, log.trust(), kLeaves),
              FailsWith(ErrorCode::kCorruptData, StartsWith("tile/1/000.p/2: entry 256: ")));
}

TEST_F(ExportOf300, FindsMissingCutAndLongFiles) {
  const auto original = files_.files;
  for (const auto& [path, bytes] : original) {
    if (path != "log.policy") {  // a log we did not export has none
      files_.files.erase(path);
      EXPECT_THAT(Verify(), FailsWith(ErrorCode::kCorruptData, HasSubstr(path)));
    }
    files_.files[path] = Bytes(bytes.begin(), bytes.end() - 1);
    EXPECT_THAT(Verify(), FailsWith(ErrorCode::kCorruptData, HasSubstr(path)));
    files_.files[path] = bytes;
    files_.files[path].push_back(0);
    EXPECT_THAT(Verify(), FailsWith(ErrorCode::kCorruptData, HasSubstr(path)));
    files_.files[path] = Bytes(kBundleBytesMax + 1);
    EXPECT_THAT(Verify(), FailsWith(ErrorCode::kCorruptData, HasSubstr(path)));
    files_.files[path] = bytes;
  }
}

TEST_F(ExportOf300, FindsAConsistentChangeOfEntryAndTile) {
  const LogForTests other = [] {
    LogForTests log(299);
    log.Append(*EncodeLeaf(LeafForTests(1000)));
    return log;
  }();
  FilesForTests forged(other);
  forged.files["checkpoint"] = files_.files["checkpoint"];
  EXPECT_THAT(VerifyLog(forged, log_.trust(), kLeaves),
              FailsWith(ErrorCode::kCorruptData, StartsWith("checkpoint: ")));
}

TEST_F(ExportOf300, NeedsTheKeysOfTheAgreement) {
  Trust trust = log_.trust();
  trust.witnesses[0].key = SignerForTests(7).public_key();
  EXPECT_THAT(VerifyLog(files_, trust, kLeaves),
              FailsWith(ErrorCode::kCorruptData, StartsWith("log.policy: ")));
  files_.files.erase("log.policy");
  EXPECT_THAT(VerifyLog(files_, trust, kLeaves),
              FailsWith(ErrorCode::kCorruptData, StartsWith("checkpoint: ")));
  trust.quorum = 2;
  EXPECT_THAT(VerifyLog(files_, trust, kLeaves), FailsWith(ErrorCode::kInvalidInput));
}

class UnavailableFiles final : public FileReader {
 public:
  UnavailableFiles(const FileReader& files, std::string path)
      : files_(files), path_(std::move(path)) {}
  Result<Bytes> Read(const std::string& path, std::size_t size_bytes_max) const override {
    if (path == path_) {
      return Error{ErrorCode::kUnavailable, "the disk does not answer"};
    }
    return files_.Read(path, size_bytes_max);
  }

 private:
  const FileReader& files_;
  std::string path_;
};

TEST_F(ExportOf300, ADiskThatFailsIsNoCorruption) {
  for (const auto& [path, bytes] : files_.files) {
    EXPECT_THAT(VerifyLog(UnavailableFiles(files_, path), log_.trust(), kLeaves),
                FailsWith(ErrorCode::kUnavailable))
        << path;
  }
}

TEST(VerifyLog, TakesLogsOfEverySizeAroundTheTileEdges) {
  for (const std::uint64_t size : {0U, 1U, 2U, 255U, 256U, 257U, 511U, 512U, 513U}) {
    const LogForTests log(size);
    const auto summary = VerifyLog(FilesForTests(log), log.trust(), kLeaves);
    ASSERT_THAT(summary, IsOk()) << size;
    EXPECT_EQ(summary->checkpoint.size, size);
  }
}

TEST(VerifyLog, TakesLogsWithAThirdLevel) {
  LogForTests log(0);
  for (int i = 0; i < 65'537 + 300; ++i) {
    log.Append({static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8)});
  }
  FilesForTests files(log);
  EXPECT_THAT(VerifyLog(files, log.trust(), EntryCheck::kOpaque), IsOk());
  Flip(files.files.at("tile/2/000.p/1"), 0);
  EXPECT_THAT(VerifyLog(files, log.trust(), EntryCheck::kOpaque),
              FailsWith(ErrorCode::kCorruptData, StartsWith("tile/2/000.p/1: entry 0: ")));
}

TEST(VerifyLog, ReadsEntriesAsLeavesOnlyIfAsked) {
  LogForTests log(2);
  log.Append(ToBytes("no leaf"));
  const FilesForTests files(log);
  EXPECT_THAT(VerifyLog(files, log.trust(), kLeaves),
              FailsWith(ErrorCode::kCorruptData, StartsWith("tile/entries/000.p/3: entry 2: ")));
  const auto summary = VerifyLog(files, log.trust(), EntryCheck::kOpaque);
  ASSERT_THAT(summary, IsOk());
  EXPECT_THAT(summary->kinds, IsEmpty());
}

class DirectoryReader final : public FileReader {
 public:
  explicit DirectoryReader(std::filesystem::path root) : root_(std::move(root)) {}
  Result<Bytes> Read(const std::string& path, std::size_t /*size_bytes_max*/) const override {
    std::ifstream file(root_ / path, std::ios::binary);
    if (!file) {
      return Error{ErrorCode::kNotFound, "the file is missing"};
    }
    return Bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  }

 private:
  std::filesystem::path root_;
};

TEST(VerifyLog, AcceptsTesserasTestLog) {
  const std::filesystem::path root = "../shared/vectors/tessera-log";
  if (!std::filesystem::exists(root)) {
    GTEST_SKIP() << "Tessera's test log is not here";
  }
  std::ifstream file(root / "vkey");
  std::string vkey;
  std::getline(file, vkey);
  const auto key = ParseVerifierKey(vkey);
  ASSERT_THAT(key, IsOk());
  const auto summary =
      VerifyLog(DirectoryReader(root / "log"), Trust{*key, {}, 0}, EntryCheck::kOpaque);
  ASSERT_THAT(summary, IsOk());
  EXPECT_EQ(summary->checkpoint.size, 15U);
}

TEST(ExportLog, RefusesACheckpointThatIsNotSettled) {
  const LogForTests log(3);
  int count = 0;
  const auto sink = [&count](const std::string&, ByteView) {
    ++count;
    return Status();
  };
  EXPECT_THAT(ExportLog(log.nodes(), log, log.SignedAt(3), log.trust(), sink),
              FailsWith(ErrorCode::kCorruptData));
  EXPECT_EQ(count, 0);
}

TEST(LogFiles, WhatWasListedOnceStaysWhileTheLogGrows) {
  const LogForTests log(600);
  const auto open = [&](std::uint64_t size) {
    return *LogFiles::Open(log.nodes(), log, log.SettledAt(size), log.trust());
  };
  const LogFiles early = open(300);
  const LogFiles late = open(600);
  EXPECT_EQ(early.Paths().back(), "checkpoint");
  for (const std::string& path : early.Paths()) {
    const auto file = early.File(path);
    ASSERT_THAT(file, IsOk()) << path;
    if (path != "checkpoint") {
      EXPECT_THAT(late.File(path), IsOkAndHolds(*file)) << path;
    }
  }
  EXPECT_NE(*late.File("checkpoint"), *early.File("checkpoint"));
  EXPECT_THAT(late.File("tile/entries/002.p/88"), IsOk());
  for (const char* const path : {"tile/entries/001", "tile/0/001.p/45", "tile/0/002.p/1",
                                 "tile/1/000.p/2", "tile/9/000", "log.vkey", ""}) {
    EXPECT_THAT(early.File(path), FailsWith(ErrorCode::kNotFound)) << path;
  }
}

TEST(ExportLog, EndsWithTheFirstError) {
  const LogForTests log(3);
  const LogForTests longer(4);
  const auto accept = [](const std::string&, ByteView) { return Status(); };
  EXPECT_THAT(ExportLog(log.nodes(), log, longer.SettledAt(4), longer.trust(), accept),
              FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(ExportLog(longer.nodes(), log, longer.SettledAt(4), longer.trust(), accept),
              FailsWith(ErrorCode::kNotFound));
  const auto full = [](const std::string& path, ByteView) {
    return path == "checkpoint" ? Status(Error{ErrorCode::kUnavailable, "disk full"}) : Status();
  };
  EXPECT_THAT(ExportLog(log.nodes(), log, log.SettledAt(3), log.trust(), full),
              FailsWith(ErrorCode::kUnavailable));
}

}  // namespace
}  // namespace entente::ledger

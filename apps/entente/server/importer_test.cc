#include "apps/entente/server/importer.h"

#include "entente/base/temporary_folder.h"
#include "entente/base/testing.h"
#include "entente/store/sqlite/testing.h"

namespace entente::app {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Optional;

class ImporterTest : public ::testing::Test {
 protected:
  static api::ImportRequest Request(store::Origin origin = store::Origin::kSynthetic) {
    api::ImportRequest request;
    request.collection = "list";
    request.origin = origin;
    request.main = "list.csv";
    return request;
  }
  static api::ImportRequest Replacing(store::Origin origin = store::Origin::kSynthetic) {
    api::ImportRequest request = Request(origin);
    request.replace = true;
    return request;
  }

  // Sends `text` and reads it to the end; the import's number.
  std::uint64_t Import(const api::ImportRequest& request, const std::string& text) {
    const auto import = importer_.Begin(request);
    EXPECT_THAT(import, IsOk());
    EXPECT_THAT(importer_.Receive(*import, "main", 0, AsBytes(text)), IsOk());
    EXPECT_THAT(importer_.Finish(*import), IsOk());
    while (background_.RunOne()) {
    }
    return *import;
  }
  // All rejected rows, piece by piece.
  std::string Rejects(std::uint64_t import) const {
    std::string all;
    for (;;) {
      const auto piece = importer_.Rejects(import, all.size());
      EXPECT_THAT(piece, IsOk());
      if (!piece || piece->empty()) {
        return all;
      }
      EXPECT_LE(piece->size(), kRejectPieceBytes);
      all += AsText(*piece);
    }
  }
  std::optional<store::Collection> Stored() const {
    std::optional<store::Collection> stored;
    EXPECT_THAT(store_->Read([&](const store::Reader& reader) -> Status {
      ENTENTE_ASSIGN(stored, reader.GetCollection("list"));
      return {};
    }),
                IsOk());
    return stored;
  }
  std::uint64_t StoredCount() const {
    const auto stored = Stored();
    return stored ? stored->record_count : 0;
  }

  TemporaryFolder folder_;
  ManualClock clock_{*ParseRfc3339("2026-11-23T10:00:00Z")};
  Log log_{clock_};
  QueuedBackground background_;
  std::unique_ptr<store::Store> store_ =
      *store::SqliteStore::Open(folder_.File("node.db"), store::KeysForTests());
  Importer importer_{*store_, background_, clock_, log_, folder_.path()};
};

TEST_F(ImporterTest, ReplacesACollectionOnlyWhenAsked) {
  Import(Request(), "id,name\n1,Iris\n2,Ivo\n");
  EXPECT_THAT(importer_.Begin(Request()),
              FailsWith(ErrorCode::kConflict,
                        AllOf(HasSubstr("list exists with 2 records"), HasSubstr("--replace"))));
  const std::uint64_t import = Import(Replacing(), "id,name\n3,Ida\n");
  EXPECT_THAT(importer_.Get(import)->replaced, Optional(2U));
  EXPECT_EQ(StoredCount(), 1U);
}

TEST_F(ImporterTest, NeverReplacesACollectionOfAnotherOrigin) {
  Import(Request(store::Origin::kPublicList), "id,name\n1,Iris\n");
  EXPECT_THAT(
      importer_.Begin(Replacing(store::Origin::kSynthetic)),
      FailsWith(ErrorCode::kConflict, AllOf(HasSubstr("public-list"), HasSubstr("list remove"))));
}

// The collection appeared between the beginning and the end of the import.
TEST_F(ImporterTest, AsksAgainBeforeItReplaces) {
  const auto slow = importer_.Begin(Request());
  ASSERT_THAT(slow, IsOk());
  EXPECT_THAT(importer_.Receive(*slow, "main", 0, AsBytes("id,name\n1,Iris\n")), IsOk());
  Import(Request(), "id,name\n2,Ivo\n3,Ida\n");
  EXPECT_THAT(importer_.Finish(*slow), IsOk());
  while (background_.RunOne()) {
  }
  EXPECT_EQ(importer_.Get(*slow)->state, api::ImportState::kFailed);
  EXPECT_EQ(importer_.Get(*slow)->error_code, ErrorCode::kConflict);
  EXPECT_EQ(StoredCount(), 2U);
}

TEST_F(ImporterTest, WithoutAGoodRowTheOldCollectionStays) {
  Import(Request(), "id,name\n1,Iris\n");
  for (const char* const text : {"id,name\n", "id,name\n2,\n,Ivo\n"}) {
    api::ImportRequest request = Replacing();
    request.skip_bad = true;
    const auto status = importer_.Get(Import(request, text));
    EXPECT_EQ(status->state, api::ImportState::kFailed) << text;
    EXPECT_EQ(status->error_code, ErrorCode::kInvalidInput);
    EXPECT_THAT(status->error, HasSubstr("no good row"));
    EXPECT_EQ(StoredCount(), 1U);
  }
}

TEST_F(ImporterTest, RejectsCanBeCorrectedAndImported) {
  for (const std::string line : {"\n", "\r\n"}) {
    api::ImportRequest request = Replacing();
    request.skip_bad = true;
    std::string text;
    for (const char* const row :
         {"id,name,birth_date", "1,Iris,1970", "2,Ivo,soon", "3,\"Ida \n Vega\",never"}) {
      text.append(row).append(line);
    }
    const std::uint64_t import = Import(request, text);
    EXPECT_EQ(importer_.Get(import)->rejected, 2U);
    std::string rejects = Rejects(import);
    EXPECT_EQ(rejects, "id,name,birth_date\n2,Ivo,soon\n3,\"Ida \n Vega\",never\n");
    rejects.replace(rejects.find("soon"), 4, "1971");
    rejects.replace(rejects.find("never"), 5, "1972");
    const auto status = importer_.Get(Import(Replacing(), rejects));
    EXPECT_EQ(status->state, api::ImportState::kDone) << status->error;
    EXPECT_EQ(status->records, 2U);
  }
}

TEST_F(ImporterTest, RejectsOfManyPiecesAreCompleteHoweverManyRows) {
  std::string text = "id,name,birth_date\n1,Iris,1970\n";
  std::string expected = "id,name,birth_date\n";
  const std::string filler(5000, 'x');
  for (std::size_t row = 0; expected.size() < 2 * kRejectPieceBytes + 1000; ++row) {
    const std::string line = std::to_string(row + 2) + "," + filler + ",soon\n";
    text += line;
    expected += line;
  }
  api::ImportRequest request = Request();
  request.skip_bad = true;
  const std::uint64_t import = Import(request, text);
  EXPECT_EQ(importer_.Get(import)->state, api::ImportState::kDone);
  EXPECT_EQ(importer_.Get(import)->rejects_left_out, 0U);
  EXPECT_EQ(importer_.Rejects(import, 0)->size(), kRejectPieceBytes);
  EXPECT_EQ(Rejects(import), expected);
}

TEST_F(ImporterTest, CountsTheRejectsThatAreTooLongToBeKept) {
  const auto individual = [](std::size_t ampersands) {
    return "<INDIVIDUAL><X><![CDATA[" + std::string(ampersands, '&') + "]]></X></INDIVIDUAL>";
  };
  api::ImportRequest request = Request();
  request.format = "un";
  // The entry is written again, and every ampersand becomes five bytes.
  const std::uint64_t import =
      Import(request, "<CONSOLIDATED_LIST>" + individual(1) +
                          individual(records::kEntryBytesMax / 2) + "</CONSOLIDATED_LIST>");
  EXPECT_EQ(importer_.Get(import)->rejected, 2U);
  EXPECT_EQ(importer_.Get(import)->rejects_left_out, 1U);
  EXPECT_EQ(Rejects(import), "<INDIVIDUAL><X>&amp;</X></INDIVIDUAL>\n");
}

TEST_F(ImporterTest, RejectsOfAListThatBreaksOffAreKept) {
  const std::uint64_t import = Import(Request(), "id,name\n1,\n2,\"Ivo\n");
  EXPECT_EQ(importer_.Get(import)->state, api::ImportState::kFailed);
  EXPECT_EQ(Rejects(import), "id,name\n1,\n");
}

TEST_F(ImporterTest, RejectsAreThereAtTheEndAndGoWithTheImport) {
  api::ImportRequest request = Request();
  request.skip_bad = true;
  const auto import = importer_.Begin(request);
  ASSERT_THAT(import, IsOk());
  EXPECT_THAT(importer_.Receive(*import, "main", 0, AsBytes("id,name\n1,Iris\n2,\n")), IsOk());
  EXPECT_THAT(importer_.Finish(*import), IsOk());
  EXPECT_THAT(importer_.Rejects(*import, 0), FailsWith(ErrorCode::kConflict));
  while (background_.RunOne()) {
  }
  EXPECT_EQ(Rejects(*import), "id,name\n2,\n");
  EXPECT_THAT(importer_.Rejects(*import, 1000), IsOk());
  EXPECT_THAT(importer_.Cancel(*import), IsOk());
  EXPECT_THAT(importer_.Rejects(*import, 0), FailsWith(ErrorCode::kNotFound));
  EXPECT_EQ(StoredCount(), 1U);
}

TEST_F(ImporterTest, RejectsNobodyFetchesAreForgotten) {
  api::ImportRequest request = Replacing();
  request.skip_bad = true;
  const std::uint64_t import = Import(request, "id,name\n1,Iris\n2,\n");
  clock_.Advance(kKeptMax - std::chrono::microseconds(1));
  importer_.Sweep();
  EXPECT_EQ(Rejects(import), "id,name\n2,\n");
  clock_.Advance(kKeptMax);
  importer_.Sweep();
  EXPECT_THAT(importer_.Get(import), FailsWith(ErrorCode::kNotFound));
}

TEST_F(ImporterTest, NewImportsLeaveRejectsTimeToBeFetched) {
  api::ImportRequest request = Replacing();
  request.skip_bad = true;
  for (std::size_t i = 0; i < kImportsMax; ++i) {
    Import(request, "id,name\n1,Iris\n2,\n");
  }
  EXPECT_THAT(importer_.Begin(request), FailsWith(ErrorCode::kLimitExceeded));
  clock_.Advance(kIdleMax);
  EXPECT_THAT(importer_.Begin(request), IsOk());
}

TEST_F(ImporterTest, UploadsThatNobodyContinuesMakeWay) {
  for (std::size_t i = 0; i < kImportsMax; ++i) {
    EXPECT_THAT(importer_.Begin(Request()), IsOk());
  }
  EXPECT_THAT(importer_.Begin(Request()), FailsWith(ErrorCode::kLimitExceeded));
  clock_.Advance(kIdleMax);
  EXPECT_THAT(importer_.Begin(Request()), IsOk());
}

TEST_F(ImporterTest, ACancelledImportLeavesNothingAndFreesItsPlace) {
  std::vector<std::uint64_t> imports;
  imports.reserve(kImportsMax);
  for (std::size_t i = 0; i < kImportsMax; ++i) {
    imports.push_back(importer_.Begin(Request()).value_or(0));
  }
  EXPECT_THAT(importer_.Receive(imports[0], "main", 0, AsBytes("id,name\n1,Iris\n")), IsOk());
  EXPECT_THAT(importer_.Finish(imports[0]), IsOk());
  EXPECT_THAT(importer_.Cancel(imports[0]), IsOk());
  EXPECT_THAT(importer_.Cancel(imports[1]), IsOk());
  while (background_.RunOne()) {
  }
  EXPECT_EQ(Stored(), std::nullopt);
  EXPECT_THAT(importer_.Get(imports[1]), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(importer_.Begin(Request()), IsOk());
  EXPECT_THAT(importer_.Begin(Request()), IsOk());
}

}  // namespace
}  // namespace entente::app

// The worked examples of docs/formats are what the code writes and reads.
#include <fstream>
#include <iterator>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "entente/act/sealed.h"
#include "entente/act/testing.h"
#include "entente/base/testing.h"
#include "entente/crypto/key_file.h"
#include "entente/wire/json.h"

namespace entente::act {
namespace {

using ::testing::HasSubstr;

std::string Page(const std::string& name) {
  std::ifstream file("docs/formats/" + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

// `bytes` as a line of its own in a page.
auto Shows(ByteView bytes) { return HasSubstr("\n    " + ToText(bytes) + "\n"); }

TEST(Formats, ActsShowsWhatIsWritten) {
  const std::string page = Page("acts.md");
  const Bytes act = EncodeAct(ExampleAct());
  EXPECT_THAT(page, Shows(act));
  EXPECT_THAT(page, HasSubstr("`" + IdOf(act).Hex() + "`"));
  EXPECT_THAT(page, Shows(Encode(*Sign(kActType, act, ExampleSigner(1)))));
  EXPECT_THAT(page, Shows(EncodeAnswer(ExampleReceipt())));
  EXPECT_THAT(page, Shows(EncodeAnswer(ExampleRefusal())));
  for (const std::string_view type : {kActType, kAnswerType, kCardType, kDocumentType}) {
    EXPECT_THAT(page, HasSubstr("`" + std::string(type) + "`"));
  }
}

TEST(Formats, ActsShowsWhatIsSealed) {
  const std::string page = Page("acts.md");
  const SealContext context{kActType, NorthCard().id(), SouthCard().id()};
  const Bytes sealed = *Seal(context, AsBytes("envelope"), SouthCard().keys.encryption,
                             crypto::BoxKey(ExampleSeed(5)));
  EXPECT_THAT(page, Shows(AsBytes(Base64Encode(sealed))));
  EXPECT_THAT(page, Shows(AsBytes(Base64Encode(*crypto::BoxKey(ExampleSeed(15)).Open(sealed)))));
}

TEST(Formats, ActsListsEveryKind) {
  const std::string page = Page("acts.md");
  for (const KindInfo& kind : AllKinds()) {
    EXPECT_THAT(page, HasSubstr("| `" + std::string(kind.name) + "` | " +
                                std::string(TierName(kind.tier)) + " |"));
  }
}

TEST(Formats, CardShowsWhatIsWritten) {
  const std::string page = Page("card.md");
  const Card card = NorthCard();
  const Bytes bytes = *SignCard(card, ExampleSigner(1));
  EXPECT_THAT(page, Shows(bytes));
  EXPECT_THAT(page, Shows(DecodeEnvelope(bytes)->payload));
  EXPECT_THAT(page, HasSubstr("`" + card.id().str() + "`"));
  EXPECT_THAT(page, HasSubstr("`" + FingerprintOf(card).Hex() + "`"));
  EXPECT_THAT(page, HasSubstr("| " + Spoken(FingerprintOf(card)) + " |"));
}

TEST(Formats, TheKeyFileOpens) {
  const std::string page = Page("key-file.md");
  const std::size_t begin = page.find("{\"role\"");
  ASSERT_NE(begin, std::string::npos);
  const auto json = wire::ParseCanonicalJson(page.substr(begin, page.find('\n', begin) - begin));
  ASSERT_THAT(json, IsOk());
  crypto::Salt salt;
  salt.bytes.fill(0x11);
  const auto key =
      crypto::PassphraseKey::Stretch(SecretText(ToBytes("correct horse battery staple")), salt);
  ASSERT_THAT(key, IsOk());
  const Bytes sealed = *Base64Decode(json->at("sealed").get<std::string>());
  const auto seed = key->Open(json->at("role").get<std::string>(), sealed);
  ASSERT_THAT(seed, IsOk());
  EXPECT_TRUE(EqualConstantTime(seed->view(), ExampleSeed(1).view()));
}

}  // namespace
}  // namespace entente::act

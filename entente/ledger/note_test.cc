#include "entente/ledger/note.h"

#include <fstream>
#include <iterator>

#include "entente/base/testing.h"
#include "entente/ledger/cosignature.h"
#include "entente/ledger/testing.h"
#include "entente/ledger/text.h"
#include "entente/wire/json.h"

namespace entente::ledger {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

wire::Json Vectors() {
  std::ifstream file("tests/vectors/c2sp/notes.json");
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return *wire::ParseJson(text);
}

crypto::Ed25519Signer SignerFrom(const wire::Json& hex_seed) {
  crypto::Seed seed;
  const Bytes bytes = *HexDecode(hex_seed.get<std::string>());
  std::copy(bytes.begin(), bytes.end(), seed.mutable_view().begin());
  return crypto::Ed25519Signer(seed);
}

TEST(VerifierKey, ReadsAndWritesTheVectors) {
  const wire::Json vectors = Vectors();
  for (const wire::Json& vkey : vectors["good_vkeys"]) {
    const auto key = ParseVerifierKey(vkey.get<std::string>());
    ASSERT_THAT(key, IsOk());
    EXPECT_EQ(FormatVerifierKey(*key), vkey.get<std::string>());
  }
}

TEST(VerifierKey, RefusesEveryOtherForm) {
  const wire::Json vectors = Vectors();
  for (const wire::Json& vkey : vectors["bad_vkeys"]) {
    EXPECT_THAT(ParseVerifierKey(vkey.get<std::string>()), FailsWith(ErrorCode::kInvalidInput));
  }
  const std::string good = vectors["note"]["vkey"].get<std::string>();
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string bad = good;
      bad[i] = static_cast<char>(static_cast<unsigned char>(bad[i]) ^ (1U << bit));
      EXPECT_THAT(ParseVerifierKey(bad), FailsWith(ErrorCode::kInvalidInput)) << bad;
    }
    EXPECT_THAT(ParseVerifierKey(good.substr(0, i)), FailsWith(ErrorCode::kInvalidInput));
  }
}

TEST(VerifierKey, RefusesKeyTypesItDoesNotVerify) {
  const crypto::PublicKey key = SignerForTests(1).public_key();
  const VerifierKey unknown{"name", static_cast<KeyType>(2), key};
  EXPECT_THAT(ParseVerifierKey(FormatVerifierKey(unknown)),
              FailsWith(ErrorCode::kInvalidInput, HasSubstr("type")));
}

TEST(KeyName, HasNoSpacesAndNoPlus) {
  EXPECT_TRUE(IsKeyName("node-a.example/entente/ledger"));
  EXPECT_TRUE(IsKeyName("éà/ع"));
  for (const std::string_view name : {"", "a b", "a+b", "a\tb", "a\nb", "a\u00a0b", "a\u3000b",
                                      "a\u2028b", "a\u0085b", "a\xFF", "a\x01"}) {
    EXPECT_FALSE(IsKeyName(name)) << name;
  }
}

TEST(Note, SignsAndOpensTheReferenceNote) {
  const wire::Json vector = Vectors()["note"];
  const auto key = ParseVerifierKey(vector["vkey"].get<std::string>());
  ASSERT_THAT(key, IsOk());
  const auto text = vector["text"].get<std::string>();
  const auto line = SignText(text, key->name, SignerFrom(vector["seed"]));
  ASSERT_THAT(line, IsOk());
  EXPECT_EQ(FormatNote({text, {*line}}), vector["signed"].get<std::string>());
  const auto opened = OpenNote(vector["signed"].get<std::string>(), std::vector{*key});
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->note.text, text);
  EXPECT_THAT(opened->signers, ElementsAre(*key));
}

TEST(Note, TheLastBlankLineSeparates) {
  const auto bytes = Vectors()["blank_lines_in_text"].get<std::string>();
  const auto note = ParseNoteWithoutVerifying(bytes);
  ASSERT_THAT(note, IsOk());
  EXPECT_THAT(note->text, HasSubstr("\n\n"));
  EXPECT_EQ(note->signatures.size(), 1U);
  EXPECT_EQ(FormatNote(*note), bytes);
}

TEST(Note, RefusesEveryOtherForm) {
  const std::string line = "\u2014 name AAAAAQI=\n";
  ASSERT_THAT(ParseNoteWithoutVerifying("text\n\n" + line), IsOk());
  for (const std::string& bytes : {
           std::string(),
           std::string("text"),
           std::string("text\n"),
           std::string("text\n\n"),
           "text\n" + line,                               // no blank line
           "text\n\n" + line + "\n",                      // a blank line at the end
           "text\n\n" + line.substr(0, line.size() - 1),  // no newline at the end
           std::string("text\n\n- name AAAAAQI=\n"),      // a hyphen
           std::string("text\n\n\u2014name AAAAAQI=\n"),
           std::string("text\n\n\u2014  AAAAAQI=\n"),
           std::string("text\n\n\u2014 name\n"),
           std::string("text\n\n\u2014 na+me AAAAAQI=\n"),
           std::string("text\n\n\u2014 name AAAAAQI\n"),    // no padding
           std::string("text\n\n\u2014 name AAAAAQJ=\n"),   // unused bits
           std::string("text\n\n\u2014 name AAAAAQI= \n"),  // a space
           std::string("text\n\n\u2014 name AAAAAQ==\n"),   // a key id only
           "te\rxt\n\n" + line,
           "te\xFFxt\n\n" + line,
       }) {
    EXPECT_THAT(ParseNoteWithoutVerifying(bytes), FailsWith(ErrorCode::kInvalidInput)) << bytes;
  }
}

TEST(Note, LimitsSignaturesAndSize) {
  const auto lines = [](std::size_t count) {
    std::string text = "text\n\n";
    for (std::size_t i = 0; i < count; ++i) {
      text += "\u2014 name AAAAAQI=\n";
    }
    return text;
  };
  EXPECT_THAT(ParseNoteWithoutVerifying(lines(kNoteSignaturesMax - 1)), IsOk());
  EXPECT_THAT(ParseNoteWithoutVerifying(lines(kNoteSignaturesMax)), IsOk());
  EXPECT_THAT(ParseNoteWithoutVerifying(lines(kNoteSignaturesMax + 1)),
              FailsWith(ErrorCode::kLimitExceeded));
  const auto sized = [&lines](std::size_t size) {
    const std::string one = lines(1);
    return std::string(size - one.size(), 'a') + one;
  };
  EXPECT_THAT(ParseNoteWithoutVerifying(sized(kNoteBytesMax)), IsOk());
  EXPECT_THAT(ParseNoteWithoutVerifying(sized(kNoteBytesMax + 1)),
              FailsWith(ErrorCode::kLimitExceeded));
  EXPECT_THAT(ParseSignatureLines(""), FailsWith(ErrorCode::kInvalidInput));
}

class NoteSigners : public ::testing::Test {
 protected:
  const std::string text_ = "some text\n";
  const crypto::Ed25519Signer signer_ = SignerForTests(1);
  const VerifierKey key_{"log", KeyType::kEd25519, signer_.public_key()};
  const SignatureLine line_ = *SignText(text_, "log", signer_);
};

TEST_F(NoteSigners, LinesOfUnknownKeysAreIgnored) {
  const SignatureLine same_name{"log", line_.key_id ^ 1U, {1, 2, 3}};
  const SignatureLine same_id{"other", line_.key_id, {1, 2, 3}};
  const std::string note = FormatNote({text_, {same_name, same_id, line_}});
  EXPECT_THAT(OpenNote(note, std::vector{key_}), IsOk());
  EXPECT_THAT(OpenNote(FormatNote({text_, {same_name, same_id}}), std::vector{key_}),
              FailsWith(ErrorCode::kCorruptData, HasSubstr("known key")));
}

TEST_F(NoteSigners, ABadLineOfAKnownKeyRefusesTheNote) {
  SignatureLine bad = line_;
  bad.signature.back() ^= 1U;
  EXPECT_THAT(OpenNote(FormatNote({text_, {line_, bad}}), std::vector{key_}),
              FailsWith(ErrorCode::kCorruptData, HasSubstr("log")));
  bad.signature.pop_back();
  EXPECT_THAT(OpenNote(FormatNote({text_, {bad}}), std::vector{key_}),
              FailsWith(ErrorCode::kCorruptData));
  EXPECT_THAT(OpenNote("no note", std::vector{key_}), FailsWith(ErrorCode::kInvalidInput));
}

TEST_F(NoteSigners, ASignerCountsOnce) {
  const auto opened = OpenNote(FormatNote({text_, {line_, line_}}), std::vector{key_});
  ASSERT_THAT(opened, IsOk());
  EXPECT_THAT(opened->signers, ElementsAre(key_));
}

TEST_F(NoteSigners, SigningNeedsAKeyName) {
  EXPECT_THAT(SignText(text_, "a b", signer_), FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(Cosign(text_, "a b", signer_, UtcTime()), FailsWith(ErrorCode::kInvalidInput));
}

TEST(Cosignature, ReadsTheTimeOfTheSpecificationsExample) {
  const wire::Json vector = Vectors()["cosigned"];
  const auto note = ParseNoteWithoutVerifying(vector["note"].get<std::string>());
  ASSERT_THAT(note, IsOk());
  ASSERT_EQ(note->signatures.size(), 2U);
  EXPECT_THAT(CosignatureTime(note->signatures[1]),
              IsOkAndHolds(*ParseRfc3339(vector["time"].get<std::string>())));
  EXPECT_THAT(CosignatureTime(note->signatures[0]), FailsWith(ErrorCode::kInvalidInput));
}

TEST(Cosignature, CoversTimeAndText) {
  const crypto::Ed25519Signer signer = SignerForTests(2);
  const UtcTime time{std::chrono::milliseconds(1'800'000'000'999)};
  const auto line = Cosign("text\n", "witness", signer, time);
  ASSERT_THAT(line, IsOk());
  EXPECT_THAT(CosignatureTime(*line), IsOkAndHolds(UtcTime(std::chrono::seconds(1'800'000'000))));
  EXPECT_TRUE(VerifyCosignature(*line, "text\n", signer.public_key()));
  EXPECT_FALSE(VerifyCosignature(*line, "Text\n", signer.public_key()));
  EXPECT_FALSE(VerifyCosignature(*line, "text\n", SignerForTests(3).public_key()));
  for (std::size_t i = 0; i < line->signature.size(); ++i) {
    SignatureLine bad = *line;
    bad.signature[i] ^= 1U;
    EXPECT_FALSE(VerifyCosignature(bad, "text\n", signer.public_key())) << i;
  }
}

// The signed message, as C2SP tlog-cosignature writes it out.
TEST(Cosignature, SignsTheMessageOfTheSpecification) {
  const wire::Json vector = Vectors()["cosigned"];
  const auto note = ParseNoteWithoutVerifying(vector["note"].get<std::string>());
  ASSERT_THAT(note, IsOk());
  const crypto::Ed25519Signer signer = SignerForTests(2);
  const auto line =
      Cosign(note->text, "w", signer, *ParseRfc3339(vector["time"].get<std::string>()));
  ASSERT_THAT(line, IsOk());
  const std::string message =
      "cosignature/v1\n"
      "time 1679315147\n"
      "example.com/behind-the-sofa\n"
      "20852163\n"
      "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
  const Bytes expected = ToBytes(signer.Sign(AsBytes(message))->view());
  EXPECT_EQ(Bytes(line->signature.begin() + 8, line->signature.end()), expected);
}

TEST(Cosignature, LimitsTheTime) {
  const crypto::Ed25519Signer signer = SignerForTests(2);
  EXPECT_THAT(Cosign("text\n", "witness", signer, UtcTime(std::chrono::seconds(-1))),
              FailsWith(ErrorCode::kInvalidInput));
  SignatureLine line = *Cosign("text\n", "witness", signer, UtcTime());
  EXPECT_THAT(CosignatureTime(line), IsOkAndHolds(UtcTime()));
  const auto set_time = [&line](std::uint64_t time) {
    for (std::size_t i = 0; i < 8; ++i) {
      line.signature[i] = static_cast<std::uint8_t>(time >> (56 - 8 * i));
    }
  };
  set_time(253'402'300'799);
  EXPECT_THAT(CosignatureTime(line), IsOk());
  set_time(253'402'300'800);
  EXPECT_THAT(CosignatureTime(line), FailsWith(ErrorCode::kInvalidInput));
}

TEST(Text, TakesWholeLines) {
  std::string_view rest = "a\n\nb";
  EXPECT_THAT(TakeLine(rest), IsOkAndHolds(std::string_view("a")));
  EXPECT_THAT(TakeLine(rest), IsOkAndHolds(std::string_view()));
  EXPECT_THAT(TakeLine(rest), FailsWith(ErrorCode::kInvalidInput));
}

TEST(Text, TakesPlainDecimals) {
  EXPECT_THAT(ParseDecimal("0"), IsOkAndHolds(0U));
  EXPECT_THAT(ParseDecimal("9223372036854775807"), IsOkAndHolds(kTreeSizeMax));
  for (const std::string_view text : {"", "00", "01", "+1", "-1", " 1", "1 ", "1x", "0x1",
                                      "9223372036854775808", "18446744073709551616"}) {
    EXPECT_THAT(ParseDecimal(text), FailsWith(ErrorCode::kInvalidInput)) << text;
  }
}

TEST(Text, TakesAtMost63ProofHashes) {
  const auto proof = [](std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
      text += Base64Encode(EmptyRoot().view()) + "\n";
    }
    return text + "\nrest";
  };
  for (const std::size_t count : {std::size_t{0}, kProofHashesMax - 1, kProofHashesMax}) {
    const std::string text = proof(count);
    std::string_view rest = text;
    const auto hashes = TakeProofHashes(rest);
    ASSERT_THAT(hashes, IsOk());
    EXPECT_EQ(hashes->size(), count);
    EXPECT_EQ(rest, "rest");
  }
  const std::string text = proof(kProofHashesMax + 1);
  std::string_view rest = text;
  EXPECT_THAT(TakeProofHashes(rest), FailsWith(ErrorCode::kLimitExceeded));
  for (std::string_view bad : {"", "AAAA\n\n", "?\n\n"}) {
    EXPECT_THAT(TakeProofHashes(bad), FailsWith(ErrorCode::kInvalidInput));
  }
  EXPECT_THAT(ParseBase64Digest("AAAA"), FailsWith(ErrorCode::kInvalidInput));
}

}  // namespace
}  // namespace entente::ledger

#include "entente/ledger/note.h"

#include <algorithm>
#include <array>
#include <utility>

#include "entente/base/utf8.h"
#include "entente/crypto/hash.h"
#include "entente/ledger/cosignature.h"
#include "entente/ledger/text.h"

namespace entente::ledger {
namespace {

constexpr std::string_view kLinePrefix = "\u2014 ";
constexpr std::size_t kKeyIdBytes = 4;

// Unicode's White_Space and the separators (categories Zs, Zl, Zp).
bool IsSpace(char32_t c) {
  return c == U' ' || (c >= 0x09 && c <= 0x0D) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

std::array<std::uint8_t, kKeyIdBytes> BigEndian(std::uint32_t id) {
  return {static_cast<std::uint8_t>(id >> 24U), static_cast<std::uint8_t>(id >> 16U),
          static_cast<std::uint8_t>(id >> 8U), static_cast<std::uint8_t>(id)};
}

std::uint32_t KeyIdFrom(ByteView bytes) {
  return static_cast<std::uint32_t>(bytes[0]) << 24U | static_cast<std::uint32_t>(bytes[1]) << 16U |
         static_cast<std::uint32_t>(bytes[2]) << 8U | bytes[3];
}

Bytes TypedKey(const VerifierKey& key) {
  Bytes bytes{static_cast<std::uint8_t>(key.type)};
  Append(bytes, key.key.view());
  return bytes;
}

Result<SignatureLine> ParseSignatureLine(std::string_view line) {
  const Error bad{ErrorCode::kInvalidInput, "a signature line of the note is malformed"};
  if (!line.starts_with(kLinePrefix)) {
    return bad;
  }
  line.remove_prefix(kLinePrefix.size());
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || !IsKeyName(line.substr(0, space))) {
    return bad;
  }
  const auto blob = Base64Decode(line.substr(space + 1));
  if (!blob || blob->size() <= kKeyIdBytes) {
    return bad;
  }
  return SignatureLine{std::string(line.substr(0, space)), KeyIdFrom(*blob),
                       Bytes(blob->begin() + kKeyIdBytes, blob->end())};
}

}  // namespace

std::uint32_t VerifierKey::id() const {
  const Bytes typed_key = TypedKey(*this);
  return KeyIdFrom(crypto::Sha256({AsBytes(name), AsBytes("\n"), typed_key}).view());
}

bool IsKeyName(std::string_view name) {
  if (name.empty() || !IsUtf8(name)) {
    return false;
  }
  for (std::size_t at = 0; at < name.size();) {
    const char32_t c = NextCodePoint(name, at);
    if (c < 0x20 || c == U'+' || IsSpace(c)) {
      return false;
    }
  }
  return true;
}

std::string FormatVerifierKey(const VerifierKey& key) {
  return key.name + "+" + HexEncode(BigEndian(key.id())) + "+" + Base64Encode(TypedKey(key));
}

Result<VerifierKey> ParseVerifierKey(std::string_view text) {
  const auto bad = [text](const char* why) {
    return Error{ErrorCode::kInvalidInput, "\"" + OneLine(text, 100) + "\" is not a vkey: " + why};
  };
  const std::size_t first = text.find('+');
  const std::size_t second = first == std::string_view::npos ? first : text.find('+', first + 1);
  if (second == std::string_view::npos || !IsKeyName(text.substr(0, first))) {
    return bad("expected name+id+base64");
  }
  const auto typed_key = Base64Decode(text.substr(second + 1));
  if (!typed_key || typed_key->size() != 1 + crypto::PublicKey::kSize) {
    return bad("the key is not strict base64 of 33 bytes");
  }
  VerifierKey key{std::string(text.substr(0, first)), static_cast<KeyType>(typed_key->front()), {}};
  if (key.type != KeyType::kEd25519 && key.type != KeyType::kCosignatureV1) {
    return bad("the key type is neither 01 nor 04");
  }
  std::copy(typed_key->begin() + 1, typed_key->end(), key.key.bytes.begin());
  if (FormatVerifierKey(key) != text) {
    return bad("the key id does not belong to name and key");
  }
  return key;
}

std::string FormatSignatureLine(const SignatureLine& line) {
  Bytes blob = ToBytes(BigEndian(line.key_id));
  Append(blob, line.signature);
  return std::string(kLinePrefix) + line.name + " " + Base64Encode(blob) + "\n";
}

Result<std::vector<SignatureLine>> ParseSignatureLines(std::string_view text) {
  std::vector<SignatureLine> lines;
  while (!text.empty()) {
    if (lines.size() == kNoteSignaturesMax) {
      return Error{ErrorCode::kLimitExceeded, "a note has more than 32 signature lines"};
    }
    ENTENTE_ASSIGN(const std::string_view line, TakeLine(text));
    ENTENTE_ASSIGN(SignatureLine parsed, ParseSignatureLine(line));
    lines.push_back(std::move(parsed));
  }
  if (lines.empty()) {
    return Error{ErrorCode::kInvalidInput, "a note has no signature line"};
  }
  return lines;
}

std::string FormatNote(const Note& note) {
  std::string bytes = note.text + "\n";
  for (const SignatureLine& line : note.signatures) {
    bytes += FormatSignatureLine(line);
  }
  return bytes;
}

Result<Note> ParseNoteWithoutVerifying(std::string_view bytes) {
  if (bytes.size() > kNoteBytesMax) {
    return Error{ErrorCode::kLimitExceeded, "a note is larger than 256 KiB"};
  }
  const bool has_control = std::any_of(bytes.begin(), bytes.end(), [](char c) {
    return static_cast<std::uint8_t>(c) < 0x20 && c != '\n';
  });
  if (!IsUtf8(bytes) || has_control) {
    return Error{ErrorCode::kInvalidInput, "a note is not UTF-8 text without control characters"};
  }
  // The last blank line separates: the text may hold blank lines itself.
  const std::size_t blank = bytes.rfind("\n\n");
  if (blank == std::string_view::npos) {
    return Error{ErrorCode::kInvalidInput, "a note has no blank line before its signatures"};
  }
  Note note;
  note.text = std::string(bytes.substr(0, blank + 1));
  ENTENTE_ASSIGN(note.signatures, ParseSignatureLines(bytes.substr(blank + 2)));
  return note;
}

Result<SignatureLine> SignText(std::string_view text, const std::string& name,
                               const crypto::Signer& signer) {
  if (!IsKeyName(name)) {
    return Error{ErrorCode::kInvalidInput, "a key name has no spaces and no '+'"};
  }
  ENTENTE_ASSIGN(const crypto::Signature signature, signer.Sign(AsBytes(text)));
  return SignatureLine{name, VerifierKey{name, KeyType::kEd25519, signer.public_key()}.id(),
                       ToBytes(signature.view())};
}

bool VerifySignature(const SignatureLine& line, std::string_view text, const VerifierKey& key) {
  if (!line.IsFrom(key)) {
    return false;
  }
  if (key.type == KeyType::kCosignatureV1) {
    return VerifyCosignature(line, text, key.key);
  }
  const auto signature = crypto::Signature::From(line.signature);
  return signature && crypto::Verify(key.key, AsBytes(text), *signature);
}

Result<OpenedNote> OpenNote(std::string_view bytes, std::span<const VerifierKey> known) {
  OpenedNote opened;
  ENTENTE_ASSIGN(opened.note, ParseNoteWithoutVerifying(bytes));
  for (const SignatureLine& line : opened.note.signatures) {
    const auto key = std::find_if(known.begin(), known.end(),
                                  [&line](const VerifierKey& k) { return line.IsFrom(k); });
    if (key == known.end()) {
      continue;
    }
    if (!VerifySignature(line, opened.note.text, *key)) {
      return Error{ErrorCode::kCorruptData,
                   "the signature of " + OneLine(key->name) + " does not verify"};
    }
    if (std::find(opened.signers.begin(), opened.signers.end(), *key) == opened.signers.end()) {
      opened.signers.push_back(*key);
    }
  }
  if (opened.signers.empty()) {
    return Error{ErrorCode::kCorruptData, "the note is not signed by a known key"};
  }
  return opened;
}

}  // namespace entente::ledger

// Signed notes: text under one or more signature lines.
//
//   node-a.example/entente/ledger        text, ends in a newline
//   15                                   …
//                                        blank line
//   — node-a.example/… M9e0luh4jT…       em dash, key name, base64(key id || signature)
//
// Source: C2SP signed-note v1.0.0; key types 0x01 (Ed25519) and 0x04 (cosignature/v1). Base64 is
// strict, so one note has one form: ParseNote → FormatNote gives the same bytes.
// Limits: kNoteBytesMax, kNoteSignaturesMax. Cost: one Ed25519 verification per line of a known
// key. Threads: pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "entente/base/bytes.h"
#include "entente/base/result.h"
#include "entente/crypto/signature.h"

namespace entente::ledger {

inline constexpr std::size_t kNoteBytesMax = std::size_t{256} << 10U;
inline constexpr std::size_t kNoteSignaturesMax = 32;

enum class KeyType : std::uint8_t {
  kEd25519 = 0x01,        // signs the text: the log
  kCosignatureV1 = 0x04,  // signs time and text: a witness
};

// Whom a reader of notes trusts: a "vkey". Those of a relation's logs follow from the two cards
// (relation.h).
struct VerifierKey {
  std::string name;
  KeyType type = KeyType::kEd25519;
  crypto::PublicKey key;

  bool operator==(const VerifierKey&) const = default;
  // The 32-bit key id of signature lines: SHA-256(name || 0x0A || type || key)[:4].
  std::uint32_t id() const;
};

// True for non-empty UTF-8 without Unicode spaces, control characters and '+'.
bool IsKeyName(std::string_view name);

// name+hex8(id)+base64(type || key)
std::string FormatVerifierKey(const VerifierKey& key);
// Errors: kInvalidInput for anything FormatVerifierKey does not write, a wrong id or an unknown
// type included.
Result<VerifierKey> ParseVerifierKey(std::string_view text);

struct SignatureLine {
  std::string name;
  std::uint32_t key_id = 0;
  Bytes signature;
  bool operator==(const SignatureLine&) const = default;

  bool IsFrom(const VerifierKey& key) const { return name == key.name && key_id == key.id(); }
};

// With its newline.
std::string FormatSignatureLine(const SignatureLine& line);
// One or more whole lines. Errors: kInvalidInput; kLimitExceeded above kNoteSignaturesMax.
Result<std::vector<SignatureLine>> ParseSignatureLines(std::string_view text);

struct Note {
  std::string text;
  std::vector<SignatureLine> signatures;
  bool operator==(const Note&) const = default;
};

std::string FormatNote(const Note& note);
// Only the form; nothing is verified.
// Errors: kInvalidInput; kLimitExceeded above kNoteBytesMax or kNoteSignaturesMax.
Result<Note> ParseNoteWithoutVerifying(std::string_view bytes);

// The type 0x01 signature line of `name` over `text`.
// Errors: kInvalidInput if `name` is no key name; those of `signer`.
Result<SignatureLine> SignText(std::string_view text, const std::string& name,
                               const crypto::Signer& signer);

// True if `line` is from `key` and its signature over `text` is valid.
bool VerifySignature(const SignatureLine& line, std::string_view text, const VerifierKey& key);

// A note whose signatures were checked: which of the known keys signed.
struct OpenedNote {
  Note note;
  std::vector<VerifierKey> signers;  // distinct, in the order of their lines
};

// Lines of unknown keys are ignored, as the format demands (they may be of a newer type).
// Errors: as ParseNoteWithoutVerifying; kCorruptData if a line of a known key does not verify, or
// no known key signed.
Result<OpenedNote> OpenNote(std::string_view bytes, std::span<const VerifierKey> known);

}  // namespace entente::ledger

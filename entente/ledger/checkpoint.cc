#include "entente/ledger/checkpoint.h"

#include <algorithm>
#include <set>
#include <utility>

#include "entente/base/utf8.h"
#include "entente/ledger/cosignature.h"
#include "entente/ledger/text.h"

namespace entente::ledger {
namespace {

constexpr std::string_view kGroup = "group witnesses ";

std::string WitnessName(std::size_t number) { return "witness-" + std::to_string(number); }

// The vkeys of a policy in file order; the rest of its form is checked by writing it again.
Result<Trust> ReadKeys(std::string_view text) {
  Trust trust;
  while (!text.empty()) {
    ENTENTE_ASSIGN(const std::string_view line, TakeLine(text));
    const std::string_view vkey = line.substr(line.rfind(' ') + 1);
    if (line.starts_with("log ")) {
      ENTENTE_ASSIGN(trust.log, ParseVerifierKey(vkey));
    } else if (line.starts_with("witness ")) {
      ENTENTE_ASSIGN(VerifierKey witness, ParseVerifierKey(vkey));
      trust.witnesses.push_back(std::move(witness));
    } else if (line.starts_with(kGroup)) {
      const std::string_view threshold = line.substr(kGroup.size());
      ENTENTE_ASSIGN(trust.quorum, ParseDecimal(threshold.substr(0, threshold.find(' '))));
    } else if (line == "quorum " + WitnessName(1)) {
      trust.quorum = 1;
    }
  }
  return trust;
}

}  // namespace

std::string FormatCheckpoint(const Checkpoint& checkpoint) {
  return checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" +
         Base64Encode(checkpoint.root.view()) + "\n";
}

Result<Checkpoint> ParseCheckpoint(std::string_view text) {
  Checkpoint checkpoint;
  ENTENTE_ASSIGN(const std::string_view origin, TakeLine(text));
  ENTENTE_ASSIGN(const std::string_view size, TakeLine(text));
  ENTENTE_ASSIGN(const std::string_view root, TakeLine(text));
  if (!IsKeyName(origin) || !text.empty()) {
    return Error{ErrorCode::kInvalidInput,
                 "a checkpoint is three lines: origin without spaces, size, root"};
  }
  checkpoint.origin = std::string(origin);
  ENTENTE_ASSIGN(checkpoint.size, ParseDecimal(size));
  ENTENTE_ASSIGN(checkpoint.root, ParseBase64Digest(root));
  return checkpoint;
}

Result<std::string> SignCheckpoint(const Checkpoint& checkpoint, const crypto::Signer& signer) {
  Note note{FormatCheckpoint(checkpoint), {}};
  ENTENTE_ASSIGN(SignatureLine line, SignText(note.text, checkpoint.origin, signer));
  note.signatures.push_back(std::move(line));
  return FormatNote(note);
}

Status ValidateTrust(const Trust& trust) {
  const auto bad = [](const char* why) { return Error{ErrorCode::kInvalidInput, why}; };
  if (trust.log.type != KeyType::kEd25519) {
    return bad("the log key must be of type 01");
  }
  if (trust.witnesses.size() > kWitnessesMax) {
    return bad("a policy has at most 32 witnesses");
  }
  if (trust.quorum > trust.witnesses.size()) {
    return bad("the quorum asks for more witnesses than the policy names");
  }
  // A cosignature does not commit to a name, so one key with two names or roles would count twice.
  std::set<crypto::PublicKey> keys{trust.log.key};
  for (const VerifierKey& witness : trust.witnesses) {
    if (witness.type != KeyType::kCosignatureV1) {
      return bad("a witness key must be of type 04");
    }
    if (!keys.insert(witness.key).second) {
      return bad("one key serves two roles: every witness and the log need a key of their own");
    }
  }
  return {};
}

std::string FormatPolicy(const Trust& trust) {
  std::string policy = "log " + FormatVerifierKey(trust.log) + "\n";
  std::string members;
  for (std::size_t i = 0; i < trust.witnesses.size(); ++i) {
    const std::string name = WitnessName(i + 1);
    policy += "witness " + name + " " + FormatVerifierKey(trust.witnesses[i]) + "\n";
    members += " " + name;
  }
  if (trust.quorum == 0) {
    return policy + "quorum none\n";
  }
  if (trust.witnesses.size() == 1) {
    return policy + "quorum " + WitnessName(1) + "\n";
  }
  return policy + std::string(kGroup) + std::to_string(trust.quorum) + members +
         "\nquorum witnesses\n";
}

Result<Trust> ParsePolicy(std::string_view text) {
  if (text.size() > kPolicyBytesMax) {
    return Error{ErrorCode::kLimitExceeded, "a policy is larger than 16 KiB"};
  }
  ENTENTE_ASSIGN(Trust trust, ReadKeys(text));
  ENTENTE_TRY(ValidateTrust(trust));
  if (FormatPolicy(trust) != text) {
    return Error{ErrorCode::kInvalidInput, "the policy is not of the form that ledgers export"};
  }
  return trust;
}

Result<SettledCheckpoint> OpenCheckpoint(std::string_view note, const Trust& trust) {
  ENTENTE_TRY(ValidateTrust(trust));
  std::vector<VerifierKey> known = trust.witnesses;
  known.push_back(trust.log);
  ENTENTE_ASSIGN(OpenedNote opened, OpenNote(note, known));
  SettledCheckpoint settled;
  ENTENTE_ASSIGN(settled.checkpoint, ParseCheckpoint(opened.note.text));
  if (settled.checkpoint.origin != trust.log.name) {
    return Error{ErrorCode::kCorruptData,
                 "the checkpoint is of another log: " + OneLine(settled.checkpoint.origin)};
  }
  const auto cosigned = static_cast<std::size_t>(std::count_if(
      opened.signers.begin(), opened.signers.end(),
      [](const VerifierKey& signer) { return signer.type == KeyType::kCosignatureV1; }));
  if (cosigned == opened.signers.size()) {
    return Error{ErrorCode::kCorruptData, "the log did not sign the checkpoint"};
  }
  if (cosigned < trust.quorum) {
    return Error{ErrorCode::kCorruptData, "the checkpoint has " + std::to_string(cosigned) +
                                              " of " + std::to_string(trust.quorum) +
                                              " required cosignatures"};
  }
  for (const SignatureLine& line : opened.note.signatures) {
    for (const VerifierKey& witness : trust.witnesses) {
      if (line.IsFrom(witness)) {
        ENTENTE_ASSIGN(const UtcTime time, CosignatureTime(line));
        settled.cosigned_at = std::max(settled.cosigned_at.value_or(time), time);
      }
    }
  }
  settled.text = std::move(opened.note.text);
  return settled;
}

}  // namespace entente::ledger

#include "entente/ledger/text.h"

#include <charconv>

#include "entente/base/utf8.h"

namespace entente::ledger {

Result<std::string_view> TakeLine(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) {
    return Error{ErrorCode::kInvalidInput, "a line does not end in a newline"};
  }
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

Result<std::uint64_t> ParseDecimal(std::string_view text) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  const bool has_leading_zero = text.size() > 1 && text.front() == '0';
  if (error != std::errc() || stopped != end || has_leading_zero || value > kTreeSizeMax) {
    return Error{ErrorCode::kInvalidInput,
                 "\"" + OneLine(text, 24) + "\" is not a decimal number up to 2^63-1"};
  }
  return value;
}

Result<crypto::Digest> ParseBase64Digest(std::string_view text) {
  ENTENTE_ASSIGN(const Bytes bytes, Base64Decode(text));
  return crypto::Digest::From(bytes);
}

Result<ProofHashes> TakeProofHashes(std::string_view& rest) {
  ProofHashes hashes;
  for (;;) {
    ENTENTE_ASSIGN(const std::string_view line, TakeLine(rest));
    if (line.empty()) {
      return hashes;
    }
    if (hashes.size() == kProofHashesMax) {
      return Error{ErrorCode::kLimitExceeded, "a Merkle proof has more than 63 hashes"};
    }
    ENTENTE_ASSIGN(const crypto::Digest hash, ParseBase64Digest(line));
    hashes.push_back(hash);
  }
}

}  // namespace entente::ledger

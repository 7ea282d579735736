#include "entente/ledger/policy.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "entente/ledger/text.h"

namespace entente::ledger {
namespace {

using Words = std::vector<std::string_view>;

constexpr std::string_view kNone = "none";

struct Group {
  std::size_t threshold = 0;
  std::vector<std::string> members;
};

Words SplitWords(std::string_view line) {
  constexpr std::string_view kBlank = " \t";
  Words words;
  for (std::size_t at = line.find_first_not_of(kBlank); at != std::string_view::npos;) {
    const std::size_t end = std::min(line.find_first_of(kBlank, at), line.size());
    words.push_back(line.substr(at, end - at));
    at = line.find_first_not_of(kBlank, end);
  }
  return words;
}

bool IsPolicyOctet(char c) {
  const auto octet = static_cast<unsigned char>(c);
  return octet == '\t' || octet == '\n' || (octet >= 0x20 && octet != 0x7F);
}

class PolicyReader {
 public:
  Status Line(const Words& words) {
    const std::string_view what = words.front();
    if (what == "log" && (words.size() == 2 || words.size() == 3)) {
      return Log(words[1]);
    }
    if (what == "witness" && (words.size() == 3 || words.size() == 4)) {
      return Witness(words[1], words[2]);
    }
    if (what == "group" && words.size() >= 4) {
      return AddGroup(words[1], words[2], {words.begin() + 3, words.end()});
    }
    if (what == "quorum" && words.size() == 2) {
      return Quorum(words[1]);
    }
    return Bad("is no line of a tlog-policy");
  }

  Result<Trust> Finish() && {
    if (!has_log_ || !has_quorum_) {
      return Error{ErrorCode::kInvalidInput, "the policy needs one log line and one quorum line"};
    }
    ENTENTE_TRY(ValidateTrust(trust_));
    return std::move(trust_);
  }

 private:
  static Error Bad(std::string why) { return {ErrorCode::kInvalidInput, std::move(why)}; }

  Status Log(std::string_view vkey) {
    if (std::exchange(has_log_, true)) {
      return Bad("names a second log: give a policy of one log");
    }
    ENTENTE_ASSIGN(trust_.log, ParseVerifierKey(vkey));
    return {};
  }

  Status CheckNew(std::string_view name) const {
    const std::string key(name);
    return name == kNone || witnesses_.contains(key) || groups_.contains(key)
               ? Status(Bad("gives a name that is taken"))
               : Status();
  }

  Status Witness(std::string_view name, std::string_view vkey) {
    ENTENTE_TRY(CheckNew(name));
    ENTENTE_ASSIGN(VerifierKey key, ParseVerifierKey(vkey));
    const bool is_twice = std::any_of(witnesses_.begin(), witnesses_.end(), [&](const auto& other) {
      return other.second.key == key.key;
    });
    if (is_twice) {
      return Bad("repeats the key of another witness");
    }
    witnesses_.emplace(name, std::move(key));
    return {};
  }

  Status AddGroup(std::string_view name, std::string_view threshold, const Words& members) {
    ENTENTE_TRY(CheckNew(name));
    Group group;
    for (const std::string_view member : members) {
      const std::string key(member);
      if (!witnesses_.contains(key) && !groups_.contains(key)) {
        return Bad("has a member that no line above defines");
      }
      if (std::exchange(is_member_[key], true)) {
        return Bad("has a member that is in a group already");
      }
      group.members.push_back(key);
    }
    if (threshold == "any" || threshold == "all") {
      group.threshold = threshold == "any" ? 1 : members.size();
    } else {
      ENTENTE_ASSIGN(group.threshold, ParseDecimal(threshold));
    }
    if (group.threshold == 0 || group.threshold > members.size()) {
      return Bad("asks for none or for more than all of its members");
    }
    groups_.emplace(name, std::move(group));
    return {};
  }

  Status Quorum(std::string_view name) {
    if (std::exchange(has_quorum_, true)) {
      return Bad("is a second quorum");
    }
    if (name == kNone) {
      return {};
    }
    const std::string key(name);
    if (const auto witness = witnesses_.find(key); witness != witnesses_.end()) {
      trust_.witnesses = {witness->second};
      trust_.quorum = 1;
      return {};
    }
    const auto group = groups_.find(key);
    if (group == groups_.end()) {
      return Bad("names what no line above defines");
    }
    for (const std::string& member : group->second.members) {
      const auto witness = witnesses_.find(member);
      if (witness == witnesses_.end()) {
        return Bad("is a group of groups, which this program does not count: name witnesses");
      }
      trust_.witnesses.push_back(witness->second);
    }
    trust_.quorum = group->second.threshold;
    return {};
  }

  Trust trust_;
  bool has_log_ = false;
  bool has_quorum_ = false;
  std::map<std::string, VerifierKey> witnesses_;
  std::map<std::string, Group> groups_;
  std::map<std::string, bool> is_member_;
};

}  // namespace

Result<Trust> ReadPolicy(std::string_view text) {
  if (text.size() > kPolicyBytesMax) {
    return Error{ErrorCode::kLimitExceeded, "a policy is larger than 16 KiB"};
  }
  if (!std::all_of(text.begin(), text.end(), IsPolicyOctet)) {
    return Error{ErrorCode::kInvalidInput, "the policy has a control character"};
  }
  PolicyReader reader;
  for (std::uint64_t number = 1; !text.empty(); ++number) {
    ENTENTE_ASSIGN(const std::string_view line, TakeLine(text));
    const Words words = SplitWords(line);
    if (words.empty() || words.front().starts_with('#')) {
      continue;
    }
    if (const Status status = reader.Line(words); !status) {
      return Error{ErrorCode::kInvalidInput,
                   "line " + std::to_string(number) + ": " + status.error().message};
    }
  }
  return std::move(reader).Finish();
}

}  // namespace entente::ledger

// An act of personal data that production does not have.
#pragma once

#include <string>
#include <string_view>

#include "entente/act/kind.h"
#include "entente/base/testing.h"
#include "entente/exchange/interfaces.h"
#include "entente/wire/json.h"
#include "tests/integration/node.h"

namespace entente::testing {

inline constexpr std::string_view kPersonNote = "person.note";

// Keeps no personal data of its own: the act is found by its person and read.
class PersonNotes final : public exchange::ActHandler {
 public:
  Status Check(const store::Reader& /*reader*/, const PeerId& /*peer*/, const act::Act& /*act*/,
               store::Direction /*direction*/) const override {
    return {};
  }
  Status Apply(store::Transaction& transaction, const PeerId& peer, const act::Act& act,
               const act::ActId& id, store::Direction /*direction*/) override {
    return transaction.IndexSubject(peer, id, act.body.value("person", ""));
  }
  Status ApplyAnswer(store::Transaction& /*transaction*/, const PeerId& /*peer*/,
                     const act::Act& /*own*/, const act::ActId& /*id*/,
                     const act::Answer& /*answer*/) override {
    return {};
  }
  void OnCommitted(const PeerId& /*peer*/, const act::Act& /*act*/, const act::ActId& /*id*/,
                   store::Direction /*direction*/) override {}
};

inline void AddPersonNotes() { act::AddKindForTests({kPersonNote, act::Tier::kT1}); }

// The example that permits them as it permits matching.
inline std::string AgreementWithPersonNotes() {
  wire::Json agreement = *wire::ParseJson(ReadProjectFile("examples/documents/agreement-t1.json"));
  wire::Json& permits = agreement["terms"]["permits"];
  permits[std::string(kPersonNote)] = permits["match.offer"];
  return agreement.dump();
}

}  // namespace entente::testing

// The fixture of the integration tests: an authority of MA and one of DE whose cards are exchanged.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "entente/base/temporary_folder.h"
#include "entente/base/testing.h"
#include "tests/integration/node.h"

namespace entente::testing {

inline records::Record Person(const std::string& id, const std::vector<std::string>& names,
                              const std::string& birth_date) {
  records::Record record;
  record.id = id;
  for (const std::string& name : names) {
    record.names.push_back({PersonalText(name), records::NameQuality::kPrimary});
  }
  record.birth_dates = {*records::ParsePartialDate(birth_date)};
  return record;
}

class TwoNodes : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_THAT(rabat.exchange.AddPeer(berlin.signed_card()), IsOk());
    ASSERT_THAT(berlin.exchange.AddPeer(rabat.signed_card()), IsOk());
  }

  // Drafts at Rabat, proposes, and lets every signatory of both sides sign.
  documents::DocumentId CoSign(const std::string& file) {
    return CoSignText(ReadProjectFile("examples/documents/" + file));
  }
  documents::DocumentId CoSignText(const std::string& text) {
    const auto id = rabat.documents.Draft(berlin.id(), text);
    EXPECT_THAT(id, IsOk());
    EXPECT_THAT(rabat.documents.Propose(berlin.id(), *id, "desk"), IsOk());
    Wire wire(rabat, berlin);
    EXPECT_THAT(wire.Run(), IsOk());
    for (Node* const node : {&rabat, &berlin}) {
      const PeerId peer = node == &rabat ? berlin.id() : rabat.id();
      const auto view = node->documents.Get(peer, *id);
      EXPECT_THAT(view, IsOk());
      for (const agreement::Signatory& signatory : view->document.signatories) {
        if (signatory.country == node->card().country) {
          EXPECT_THAT(node->documents.Sign(peer, *id, signatory.name, "desk"), IsOk());
        }
      }
    }
    EXPECT_THAT(wire.Run(), IsOk());
    return *id;
  }

  // Offers at Rabat. `done` is called as soon as the policy or the match set decides.
  Result<exchange::Submission> Offer(Node& node, const PeerId& peer, const act::AgreementId& under,
                                     const std::string& purpose = "terrorism") {
    Result<exchange::Submission> outcome = Error{ErrorCode::kInternal, "not called"};
    node.matching.Offer(peer, {"persons", purpose, under}, "officer",
                        [&](Result<exchange::Submission> result) { outcome = std::move(result); });
    while (node.background.RunOne()) {
    }
    return outcome;
  }
  Result<exchange::Submission> Accept(Node& node, const PeerId& peer, const act::ActId& offer) {
    Result<exchange::Submission> outcome = Error{ErrorCode::kInternal, "not called"};
    node.matching.Accept(peer, offer, "persons", "officer",
                         [&](Result<exchange::Submission> result) { outcome = std::move(result); });
    while (node.background.RunOne()) {
    }
    return outcome;
  }
  void FillBoth() {
    rabat.Fill("persons", {Person("MA-1", {"محمد بنعيسى العلوي"}, "1975-03-02"),
                           Person("MA-2", {"Fatima Zahra Bennani"}, "1981-07-19"),
                           Person("MA-3", {"Youssef Tazi"}, "1990-11-30")});
    berlin.Fill("persons", {Person("DE-7", {"Mohammed Benaissa El Alaoui"}, "1975-03-02"),
                            Person("DE-8", {"Klaus Hartmann"}, "1962-05-05")});
  }

  Node& OtherThan(const Node& node) { return &node == &rabat ? berlin : rabat; }
  PeerId PeerOf(const Node& node) { return OtherThan(node).id(); }
  // The node stops without a word and starts again from its store. No wire may hang on it.
  void Restart(Node& node) {
    const bool is_rabat = &node == &rabat;
    std::destroy_at(&node);
    std::construct_at(&node, is_rabat ? "MA" : "DE", is_rabat ? 1 : 2,
                      folder.File(is_rabat ? "ma.db" : "de.db"), clock, true, ++lives_);
  }
  // The store's files of Rabat, as a copy of a stopped node would have them; and Rabat with them.
  void Copy() { CopyStore("ma.db", "copy.db"); }
  void PutBack() {
    std::destroy_at(&rabat);
    CopyStore("copy.db", "ma.db");
    std::construct_at(&rabat, "MA", 1, folder.File("ma.db"), clock, true, ++lives_);
  }

  TemporaryFolder folder;
  ManualClock clock{TestStart()};
  Node rabat{"MA", 1, folder.File("ma.db"), clock};
  Node berlin{"DE", 2, folder.File("de.db"), clock};

 private:
  void CopyStore(const std::string& from, const std::string& to) {
    for (const std::string end : {"", "-wal", ".keys", ".keys-wal"}) {
      std::filesystem::remove(folder.File(to + end));
      if (std::filesystem::exists(folder.File(from + end))) {
        std::filesystem::copy_file(folder.File(from + end), folder.File(to + end));
      }
    }
  }

  std::uint64_t lives_ = 0;
};

}  // namespace entente::testing

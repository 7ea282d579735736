// A store in a temporary folder, for the tests of what a module keeps.
#pragma once

#include <memory>
#include <string>

#include "entente/store/sqlite/testing.h"
#include "tests/integration/two_nodes.h"

namespace entente::testing {

class TempStore : public ::testing::Test {
 protected:
  void MustWrite(const std::function<Status(store::Transaction&)>& body) {
    ASSERT_THAT(store->Write(body), IsOk());
  }
  void MustRead(const std::function<Status(const store::Reader&)>& body) {
    ASSERT_THAT(store->Read(body), IsOk());
  }

  TemporaryFolder folder;
  std::unique_ptr<store::Store> store =
      *store::SqliteStore::Open(folder.File("store.db"), store::KeysForTests());
  PeerId peer{"north"};
};

}  // namespace entente::testing

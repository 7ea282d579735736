// What every implementation of Store must pass, unchanged. Tests only.
//
// An implementation writes a StoreHarness and instantiates the suite in its own _test.cc:
//
//   INSTANTIATE_TEST_SUITE_P(Sqlite, StoreConformance, ::testing::Values(&MakeSqliteHarness));
//
// The tests themselves are in conformance_test.cc.
#pragma once

#include <memory>

#include <gtest/gtest.h>

#include "entente/store/store.h"

namespace entente::store {

// One place where a store may live, empty at first and cleaned up at the end.
class StoreHarness {
 public:
  virtual ~StoreHarness() = default;
  // The store of this place; called again after the former one was destroyed.
  virtual Result<std::unique_ptr<Store>> Open() = 0;
};

using HarnessFactory = std::unique_ptr<StoreHarness> (*)();

class StoreConformance : public ::testing::TestWithParam<HarnessFactory> {
 protected:
  void SetUp() override;
  void Reopen();

  // Write and Read that must succeed.
  void MustWrite(const std::function<Status(Transaction&)>& body);
  void MustRead(const std::function<Status(const Reader&)>& body) const;

  std::unique_ptr<StoreHarness> harness_;
  std::unique_ptr<Store> store_;
};

}  // namespace entente::store

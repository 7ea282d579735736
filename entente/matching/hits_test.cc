#include "entente/matching/hits.h"

#include "entente/base/testing.h"

namespace entente::matching {
namespace {

using match::RuleId;

TEST(Hit, ComesBackAsItWasStored) {
  const Hit hit{std::string(128, 'r'), {RuleId::kFullDate, RuleId::kDocument}, 12};
  EXPECT_THAT(DecodeHit(EncodeHit(hit)), IsOkAndHolds(hit));
}

TEST(Hit, DamagedBytesAreReportedAsCorrupt) {
  for (const std::string_view text :
       {"", "[]", "{}", R"({"keys":-1,"record":"r","rules":[]})",
        R"({"keys":1,"record":1,"rules":[]})", R"({"keys":1,"record":"r","rules":["x"]})",
        R"({"keys":1,"record":"r","rules":[-1]})", R"({"keys":1,"record":"r","rules":[6]})",
        R"({"keys":1,"record":"r","rules":[1,1]})", R"({"keys":1,"record":"r","rules":[2,1]})",
        R"({"keys":1,"more":1,"record":"r","rules":[]})"}) {
    EXPECT_THAT(DecodeHit(AsBytes(text)), FailsWith(ErrorCode::kCorruptData)) << text;
  }
  EXPECT_THAT(DecodeHit(EncodeHit({std::string(129, 'r'), {}, 1})),
              FailsWith(ErrorCode::kCorruptData));
}

}  // namespace
}  // namespace entente::matching

// Records of list files on disk, in any format the node imports. Threads: pure functions.
#pragma once

#include <functional>
#include <string>

#include "entente/base/result.h"
#include "entente/records/record.h"

namespace entente::exercise {

struct ListFiles {
  std::string main;
  std::string alt{};  // OFAC's, or ""
  std::string add{};
};

// Calls `take` for every good record; bad rows and entries that are not persons are passed over.
// Errors: kNotFound for a file that cannot be opened; what the reader returns.
Status ForEachRecord(const ListFiles& files,
                     const std::function<void(const records::Record&)>& take);

}  // namespace entente::exercise

// home.json: a home that is accepted has a card that is valid but for its keys, and whatever is
// wrong is one line.
#include <fstream>

#include <sys/stat.h>

#include "apps/entente/home.h"
#include "entente/base/check.h"
#include "entente/base/temporary_folder.h"
#include "entente/crypto/random.h"

namespace entente::app {
namespace {

// A home as `entente init` makes it, but for keys that nobody opens here.
class Home {
 public:
  Home() : paths_(folder_.path()) {
    mkdir(paths_.keys().c_str(), 0700);
    for (const char* const role : {"message", "ledger", "witness", "tls", "encryption"}) {
      Write(paths_.key(role), "");
    }
    Write(paths_.config(), FormatConfig({}));
  }

  Result<Config> Check(std::string_view identity) {
    Write(paths_.identity(), identity);
    return CheckHome(paths_);
  }

 private:
  static void Write(const std::string& path, std::string_view text) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
    chmod(path.c_str(), 0600);
  }

  TemporaryFolder folder_;
  HomePaths paths_;
};

}  // namespace
}  // namespace entente::app

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static entente::app::Home home;
  const auto checked = home.Check(entente::AsText({data, size}));
  ENTENTE_CHECK(checked || checked.error().message.find('\n') == std::string::npos);
  return 0;
}

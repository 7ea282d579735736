// No bytes establish a session without the pinned key's hello on this very connection.
#include <cstdlib>

#include "entente/peer/testing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using entente::peer::BindingOf;
  using entente::peer::FakeNode;
  using entente::peer::Session;
  static const FakeNode rabat("MA", 1);
  static const FakeNode berlin("DE", 2);
  Session session({rabat.card, berlin.card}, BindingOf(1), rabat.message, rabat.encryption);
  const bool is_greeted = size > 0 && data[0] % 2 == 1;
  if (is_greeted) {
    Session other({berlin.card, rabat.card}, BindingOf(1), berlin.message, berlin.encryption);
    if (!other.Start() || !session.OnBytes(other.TakeOutput())) {
      std::abort();
    }
  }
  const auto frames = session.OnBytes({data, size});
  if (session.is_established() != is_greeted) {
    std::abort();
  }
  if (frames) {
    for (const entente::wire::Frame& frame : *frames) {
      if (frame.type < 2 || frame.type == 7 || frame.type > 11) {
        std::abort();
      }
    }
  }
  return 0;
}

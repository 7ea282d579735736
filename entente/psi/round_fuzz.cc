// A round that follows an honest peer for a while and then gets other bytes: it fails and stays
// failed, or ends with the honest result.
//
// Input: byte 0 says after how many honest messages, byte 1 whether the rest replaces the next
// honest message, is mixed into it, or comes in between.
#include <algorithm>
#include <vector>

#include "entente/base/check.h"
#include "entente/psi/round.h"

namespace entente::psi {
namespace {

// The proposer has two keys in batches of one, the acceptor has one of them: a run computes for a
// millisecond or two.
Round Start(Role role, Random& random) {
  const bool is_proposer = role == Role::kProposer;
  RoundParameters parameters;
  parameters.role = role;
  parameters.own_size_class = is_proposer ? 2 : 1;
  parameters.peer_size_class = is_proposer ? 1 : 2;
  parameters.batch_points = 1;
  parameters.batches_in_flight = 2;
  std::vector<RoundInput> inputs(parameters.own_size_class);
  inputs.back().bytes[0] = 7;
  return *Round::Start(parameters, std::move(inputs), random);
}

// Computes and speaks until the round has nothing to do but listen.
void Advance(Round& round, std::vector<Bytes>& said) {
  bool is_busy = true;
  while (is_busy) {
    is_busy = false;
    while (auto work = round.TakeWork()) {
      work->Run();
      is_busy = round.FinishWork(*std::move(work)).has_value();
    }
    while (auto message = round.NextMessage()) {
      said.push_back(*std::move(message));
      is_busy = true;
    }
  }
}

// What an honest proposer says to the acceptor below.
std::vector<Bytes> HonestMessages() {
  SeededRandomForTests proposer_random(1);
  SeededRandomForTests acceptor_random(2);
  Round proposer = Start(Role::kProposer, proposer_random);
  Round acceptor = Start(Role::kAcceptor, acceptor_random);
  std::vector<Bytes> by_proposer;
  std::vector<Bytes> by_acceptor;
  std::size_t heard_by_proposer = 0;
  std::size_t heard_by_acceptor = 0;
  Advance(acceptor, by_acceptor);
  while (!proposer.is_done() || !acceptor.is_done()) {
    Advance(proposer, by_proposer);
    for (; heard_by_acceptor < by_proposer.size(); ++heard_by_acceptor) {
      ENTENTE_CHECK(acceptor.OnMessage(by_proposer[heard_by_acceptor]).has_value());
      Advance(acceptor, by_acceptor);
    }
    for (; heard_by_proposer < by_acceptor.size(); ++heard_by_proposer) {
      ENTENTE_CHECK(proposer.OnMessage(by_acceptor[heard_by_proposer]).has_value());
    }
  }
  return by_proposer;
}

Bytes Disturb(std::uint8_t how, const Bytes& honest, ByteView rest) {
  if (how % 4 != 1) {
    return ToBytes(rest);
  }
  Bytes out = honest;
  const std::size_t offset = rest.empty() ? 0 : rest[0] % out.size();
  for (std::size_t i = 1; i < rest.size() && offset + i <= out.size(); ++i) {
    out[offset + i - 1] ^= rest[i];
  }
  return out;
}

void Check(std::uint8_t after, std::uint8_t how, ByteView rest) {
  static const std::vector<Bytes> honest = HonestMessages();
  const std::size_t at = after % honest.size();
  std::vector<Bytes> messages = honest;
  if (how % 4 >= 2) {  // one more: any bytes, or a good message at the wrong time
    const bool is_good = how % 4 == 3 && !rest.empty();
    messages.insert(messages.begin() + static_cast<std::ptrdiff_t>(at),
                    is_good ? honest[rest[0] % honest.size()] : ToBytes(rest));
  } else {
    messages[at] = Disturb(how, honest[at], rest);
  }
  SeededRandomForTests random(2);
  Round round = Start(Role::kAcceptor, random);
  std::vector<Bytes> said;
  Advance(round, said);
  for (const Bytes& message : messages) {
    const bool is_taken = round.OnMessage(message).has_value();
    Advance(round, said);
    if (!is_taken && !round.is_done()) {
      ENTENTE_CHECK(round.progress().phase == "failed");
      ENTENTE_CHECK(!round.OnMessage(honest[0]).has_value());
      return;
    }
  }
  if (round.is_done()) {
    ENTENTE_CHECK(round.outcome().hit_inputs == std::vector<std::uint32_t>{0});
  }
}

}  // namespace
}  // namespace entente::psi

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size >= 2) {
    entente::psi::Check(data[0], data[1], entente::ByteView(data, size).subspan(2));
  }
  return 0;
}

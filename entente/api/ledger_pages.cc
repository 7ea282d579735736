// What crossed and how it is proven.
#include "entente/api/page.h"

namespace entente::api {
namespace {

Html Pill(const Page& page, std::uint64_t index, std::uint64_t settled) {
  return index < settled ? page.State("ledger", "settled") : page.State("ledger", "pending");
}

}  // namespace

Result<http::Response> LedgerPage(const Page& page) {
  ENTENTE_ASSIGN(const PeerId peer,
                 FindPeer(page.services(), page.context().PathParameter("peer")));
  ENTENTE_ASSIGN(const LedgerView view, ViewLedger(page.services(), peer));
  ENTENTE_ASSIGN(const act::Card card, page.services().exchange.PeerCard(peer));
  const std::uint64_t settled = view.settled_checkpoint.size;
  Html body = Tag("p", {{"class", "lead"}}, page.PeerName(card));
  if (view.entries.empty()) {
    body += Tag("p", {{"class", "note"}}, page.Say("ledger.empty"));
    return page.Render(200, page.Say("ledger.title"), body);
  }
  body += Tag(
      "dl", Page::Pair(page.Say("ledger.size"), Code(std::to_string(view.signed_checkpoint.size))) +
                Page::Pair(page.Say("ledger.settled"), Code(std::to_string(settled))) +
                Page::Pair(page.Say("ledger.root"),
                           Code(Base64Encode(view.signed_checkpoint.root.view()))) +
                Page::Pair(page.Say("ledger.log_key"), Code(view.log_vkey)) +
                Page::Pair(page.Say("ledger.witness_key"), Code(view.witness_vkey)));
  Html rows;
  for (auto entry = view.entries.rbegin(); entry != view.entries.rend(); ++entry) {
    const ledger::Leaf& leaf = entry->leaf;
    rows +=
        Page::Row({Code(std::to_string(entry->index)), page.SayWord("kind", leaf.kind),
                   page.SayWord("ledger", DirectionName(leaf.direction)), page.SayTime(leaf.time),
                   Code(leaf.object.Hex().substr(0, 16)), Pill(page, entry->index, settled)});
  }
  body += page.Table("ledger.entries",
                     {"console.number", "console.kind", "ledger.direction", "console.time",
                      "ledger.object", "console.status"},
                     rows);
  return page.Render(200, page.Say("ledger.title"), body);
}

Result<http::Response> EvidencePage(const Page& page) {
  ENTENTE_ASSIGN(const PeerId peer,
                 FindPeer(page.services(), page.context().PathParameter("peer")));
  ENTENTE_ASSIGN(const auto evidence, ListEvidence(page.services(), peer));
  ENTENTE_ASSIGN(const act::Card card, page.services().exchange.PeerCard(peer));
  Html rows;
  for (const store::EvidenceRow& row : evidence) {
    rows += Page::Row({Code(std::to_string(row.number)), page.SayWord("evidence_what", row.what),
                       page.SayTime(row.time), Code(std::to_string(row.bytes.size()))});
  }
  const Html body =
      Tag("p", {{"class", "lead"}}, page.PeerName(card)) +
      Tag("p", {{"class", "note"}}, page.Say(rows.empty() ? "evidence.empty" : "evidence.note"));
  return page.Render(200, page.Say("evidence.title"),
                     rows.empty() ? body
                                  : body + page.Table("evidence.title",
                                                      {"console.number", "evidence.what",
                                                       "console.time", "evidence.size"},
                                                      rows));
}

}  // namespace entente::api

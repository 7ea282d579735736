// What is due, what runs, and how the node and its links are.
#include "entente/api/page.h"

namespace entente::api {
namespace {

struct Due {
  Html items;    // waits for a decision here
  Html running;  // goes on by itself
};

Html Item(std::string_view state, const Html& what, const Html& link) {
  return Tag("li",
             Tag("span", {{"class", "state " + std::string(state)}}, what) + Text(" ") + link);
}

Status CollectDocuments(const Page& page, const act::Card& peer, Due& due) {
  ENTENTE_ASSIGN(const auto heads, page.services().documents.List(peer.id()));
  for (const documents::DocumentHead& head : heads) {
    if (!head.OpenSignatories(page.own().country).empty()) {
      due.items += Item("proposed", page.Say("due.sign_document"),
                        Link(DocumentAddress(peer.id(), head.id), page.SayLocal(head.title)));
    }
  }
  return {};
}

Status CollectRounds(const Page& page, const act::Card& peer, Due& due) {
  ENTENTE_ASSIGN(const auto views, page.services().matching.List(peer.id()));
  for (const matching::RoundView& view : views) {
    const matching::RoundRow& row = view.row;
    const Html link =
        Link(RoundAddress(peer.id(), row.offer), page.SayWord("purpose", row.purpose)) +
        Text(" · ") + page.PeerName(peer);
    if (row.state == matching::RoundState::kOffered && row.role == psi::Role::kAcceptor) {
      due.items += Item("offered", page.Say("due.decide_offer"), link);
    } else if (row.state == matching::RoundState::kDisputed) {
      due.items += Item("disputed", page.Say("due.disputed_round"), link);
    } else if (row.IsOpen()) {
      const bool is_running = IsRunning(view);
      due.running += Item(is_running ? "running" : "offered",
                          page.Say(is_running ? "round_state.running" : "due.waiting_for_peer"),
                          link + ProgressBar(page, view));
    }
  }
  return {};
}

Html PeerRow(const Page& page, const PeerSummary& peer) {
  const std::string id = peer.card.id().str();
  const std::string_view link = peer.link.is_linked ? "connected" : "disconnected";
  return Page::Row(
      {page.PeerName(peer.card), page.State("peer", link), Code(std::to_string(peer.pending_acts)),
       Link("/ledger/" + id,
            Code(std::to_string(peer.settled_size) + " / " + std::to_string(peer.ledger_size))),
       Link("/evidence/" + id, page.SayCount("evidence.count", peer.evidence_count))});
}

Html OwnNode(const Page& page) {
  const act::Card& own = page.own();
  return Tag("section", Tag("h2", page.Say("console.node")) +
                            Tag("dl", Page::Pair(page.Say("console.name"), page.PeerName(own)) +
                                          Page::Pair(page.Say("peer.fingerprint"),
                                                     Code(act::Spoken(act::FingerprintOf(own)))) +
                                          Page::Pair(page.Say("console.version"),
                                                     Code(page.services().version))));
}

}  // namespace

Result<http::Response> HomePage(const Page& page) {
  ENTENTE_ASSIGN(const auto peers, ListPeers(page.services()));
  Due due;
  Html rows;
  for (const PeerSummary& peer : peers) {
    ENTENTE_TRY(CollectRounds(page, peer.card, due));
    ENTENTE_TRY(CollectDocuments(page, peer.card, due));
    rows += PeerRow(page, peer);
  }
  Html body = due.items.empty() ? Tag("p", {{"class", "note"}}, page.Say("due.empty"))
                                : Tag("ul", {{"class", "cards"}}, due.items);
  if (!due.running.empty()) {
    body += Tag("section", Tag("h2", page.Say("due.under_way")) +
                               Tag("ul", {{"class", "cards"}}, due.running));
  }
  body += rows.empty() ? Tag("p", page.Say("peer.empty"))
                       : page.Table("peer.title",
                                    {"console.name", "peer.link", "peer.pending",
                                     "ledger.settled_of_size", "evidence.title"},
                                    rows);
  return page.Render(200, page.Say("due.title"), body + OwnNode(page));
}

}  // namespace entente::api

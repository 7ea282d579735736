// Private matching: the rounds, one round with its hits, the collections.
#include "entente/api/page.h"
#include "entente/records/record.h"

namespace entente::api {
namespace {

using matching::RoundRow;
using matching::RoundState;
using matching::RoundView;

Html StateOf(const Page& page, const RoundView& view) {
  return page.State("round_state", view.progress ? "running" : matching::StateName(view.row.state));
}

Html Side(const Page& page, const std::optional<matching::RoundSide>& side) {
  if (!side) {
    return page.Say("rounds.side_open");
  }
  return page.SayWord("origin", side->origin) + Text(" · ") +
         page.SayCount("rounds.records_about", side->records) + Text(" · ") +
         page.SayCount("rounds.size_class", side->size_class);
}

Html ResultPair(const Page& page, std::string_view key,
                const std::optional<matching::RoundResult>& result) {
  return !result ? Html()
                 : Page::Pair(page.Say(key),
                              page.SayCount("hits.common_keys", result->common_keys) + Text(" · ") +
                                  Code(result->intersection.Hex().substr(0, 16)));
}

Html Facts(const Page& page, const PeerId& peer, const RoundView& view) {
  const RoundRow& row = view.row;
  const auto agreement = page.services().documents.GetHead(peer, row.agreement);
  const Html name =
      agreement ? page.SayLocal(agreement->title) : Code(row.agreement.Hex().substr(0, 16));
  Html pairs = Page::Pair(page.Say("console.status"), StateOf(page, view)) +
               Page::Pair(page.Say("rounds.purpose"), page.SayWord("purpose", row.purpose)) +
               Page::Pair(page.Say("console.time"), page.SayTime(row.time)) +
               Page::Pair(page.Say("document_type.agreement"),
                          Link(DocumentAddress(peer, row.agreement), name)) +
               Page::Pair(page.Say("rounds.own_side"), Side(page, row.own)) +
               Page::Pair(page.Say("rounds.peer_side"), Side(page, row.peer)) +
               ResultPair(page, "rounds.own_result", row.own_result) +
               ResultPair(page, "rounds.peer_result", row.peer_result);
  if (!row.collection.empty()) {
    pairs += Page::Pair(page.Say("collections.collection"), Code(row.collection));
  }
  if (row.attempt > 1) {
    pairs += Page::Pair(page.Say("rounds.round"), page.SayCount("rounds.attempt", row.attempt));
  }
  if (!row.failure.empty()) {
    pairs += Page::Pair(page.Say("rounds.reason"), Page::Technical(row.failure));
  }
  return Tag("dl", pairs);
}

// The names and birth dates of the own record.
std::pair<Html, Html> PersonOf(const Page& page, const std::string& collection,
                               const std::string& id) {
  const auto bytes = FindRecordBytes(page.services(), collection, id);
  const auto record =
      bytes ? records::Decode(*bytes) : Result<records::Record>(Error(bytes.error()));
  std::pair<Html, Html> person;
  if (!record) {
    return person;
  }
  for (const records::Name& name : record->names) {
    person.first += Tag("li", Tag("bdi", Text(name.text.Reveal())));
  }
  for (const records::PartialDate& date : record->birth_dates) {
    person.second += Tag("li", Code(records::FormatPartialDate(date)));
  }
  person.first = Tag("ul", person.first);
  person.second = Tag("ul", person.second);
  return person;
}

Result<Html> Hits(const Page& page, const PeerId& peer, const RoundRow& row) {
  ENTENTE_ASSIGN(const auto hits, page.services().matching.Hits(peer, row.offer));
  if (hits.empty()) {
    return Tag("p", {{"class", "note"}}, page.Say("hits.empty"));
  }
  ENTENTE_ASSIGN(const bool is_replaced, IsListReplaced(page.services(), row));
  Html rows;
  for (const matching::Hit& hit : hits) {
    Html rules;
    for (const auto& rule : hit.rules) {
      rules += Tag("li", page.SayWord("match_rule", RuleName(rule)));
    }
    const auto [names, dates] = is_replaced ? std::pair(page.Say("hits.list_replaced"), Html())
                                            : PersonOf(page, row.collection, hit.record_id);
    rows += Page::Row({Code(hit.record_id), names, dates, Tag("ul", rules)});
  }
  return Tag("p", {{"class", "note"}}, page.Say("hits.indication_only")) +
         Tag("p", page.SayCount("hits.count", hits.size()) + Text(" · ") +
                      page.Say("hits.same_on_both_sides")) +
         page.Table("hits.title",
                    {"hits.own_record", "console.name", "hits.birth_dates", "hits.rules"}, rows);
}

Result<Html> Actions(const Page& page, const RoundView& view, const std::string& address) {
  if (!view.row.IsOpen()) {
    return Html();
  }
  const bool is_ours_to_decide =
      view.row.state == RoundState::kOffered && view.row.role == psi::Role::kAcceptor;
  Html forms;
  if (is_ours_to_decide) {
    ENTENTE_ASSIGN(const auto collections, ListCollections(page.services()));
    Html options;
    for (const store::Collection& collection : collections) {
      options += Tag("option", {{"value", collection.name}},
                     Text(collection.name + " (" + std::to_string(collection.record_count) + ")"));
    }
    const Html choice = Tag(
        "label",
        page.Say("rounds.choose_collection") + Text(" ") +
            Tag("select", {{"name", "collection"}, {"required", std::string(kPresent)}}, options));
    forms += options.empty() ? Tag("p", page.Say("collections.empty"))
                             : page.Form(address + "/accept", choice, "rounds.accept");
  }
  forms += page.Form(address + "/decline", {},
                     is_ours_to_decide ? "rounds.decline" : "rounds.withdraw", "quiet");
  return Tag("section", {{"class", "actions"}}, forms);
}

}  // namespace

std::string RoundAddress(const PeerId& peer, const act::ActId& offer) {
  return "/rounds/" + peer.str() + "/" + offer.Hex();
}

bool IsRunning(const RoundView& view) {
  return view.progress.has_value() || view.records_keyed != 0 ||
         view.row.state == RoundState::kAccepted;
}

Html ProgressBar(const Page& page, const RoundView& view) {
  if (view.records_keyed != 0) {
    return Tag("p", page.SayCount("rounds.keying", view.records_keyed));
  }
  if (!view.progress || view.progress->total == 0) {
    return {};
  }
  const std::uint64_t percent = view.progress->done * 100 / view.progress->total;
  const std::string words = page.catalogue().Say(page.language(), "rounds.progress_percent",
                                                 {{"n", std::to_string(percent)}});
  return Tag(
      "p", {{"class", "progress"}},
      Tag("progress", {{"max", "100"}, {"value", std::to_string(percent)}, {"aria-label", words}}) +
          Text(" ") + Text(words));
}

Result<http::Response> RoundsPage(const Page& page) {
  ENTENTE_ASSIGN(const auto peers, ListPeers(page.services()));
  Html body;
  for (const PeerSummary& peer : peers) {
    ENTENTE_ASSIGN(const auto views, page.services().matching.List(peer.card.id()));
    Html rows;
    for (const RoundView& view : views) {
      const RoundRow& row = view.row;
      rows += Page::Row(
          {Link(RoundAddress(peer.card.id(), row.offer), Code(row.offer.Hex().substr(0, 12))),
           page.SayWord("purpose", row.purpose), page.SayTime(row.time),
           StateOf(page, view) + ProgressBar(page, view),
           row.own_result ? page.SayCount("hits.count", row.hit_count) : Html()});
    }
    body += Tag("section",
                Tag("h2", page.PeerName(peer.card)) +
                    (rows.empty() ? Tag("p", page.Say("rounds.empty"))
                                  : page.Table("rounds.title",
                                               {"rounds.round", "rounds.purpose", "console.time",
                                                "console.status", "hits.title"},
                                               rows)));
  }
  return page.Render(200, page.Say("rounds.title"),
                     body.empty() ? Tag("p", page.Say("peer.empty")) : body);
}

Result<http::Response> RoundPage(const Page& page) {
  ENTENTE_ASSIGN(const PeerId peer,
                 FindPeer(page.services(), page.context().PathParameter("peer")));
  ENTENTE_ASSIGN(const RoundView view,
                 FindRound(page.services(), peer, page.context().PathParameter("id")));
  Html body = ProgressBar(page, view) + Facts(page, peer, view);
  if (view.row.own_result) {
    ENTENTE_ASSIGN(const Html hits, Hits(page, peer, view.row));
    body += hits;
  }
  ENTENTE_ASSIGN(const Html actions, Actions(page, view, RoundAddress(peer, view.row.offer)));
  const Html title =
      page.Say("rounds.title") + Text(" ") + Code(view.row.offer.Hex().substr(0, 12));
  return page.Render(200, title, body + actions, IsRunning(view));
}

Result<http::Response> CollectionsPage(const Page& page) {
  ENTENTE_ASSIGN(const auto collections, ListCollections(page.services()));
  Html rows;
  for (const store::Collection& collection : collections) {
    rows += Page::Row(
        {Code(collection.name), page.SayWord("origin", store::OriginName(collection.origin)),
         Code(std::to_string(collection.record_count)), page.SayTime(collection.time)});
  }
  return page.Render(200, page.Say("collections.title"),
                     rows.empty() ? Tag("p", {{"class", "note"}}, page.Say("collections.empty"))
                                  : page.Table("collections.title",
                                               {"console.name", "collections.origin",
                                                "collections.record_count", "collections.updated"},
                                               rows));
}

}  // namespace entente::api

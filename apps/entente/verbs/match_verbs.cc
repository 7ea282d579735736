#include <chrono>
#include <iostream>
#include <map>
#include <memory>
#include <thread>

#include <CLI/CLI.hpp>

#include "apps/entente/verbs/verbs.h"

namespace entente::app {
namespace {

constexpr std::chrono::milliseconds kPollPause{250};

struct MatchOptions {
  std::string id;
  std::string collection;
  std::string purpose;
  std::string agreement;
  bool wait = false;
};

std::string SubmissionText(const wire::Json& answer) {
  return "sent as act " + answer["sequence"].dump() + ", ledger leaf " + answer["leaf"].dump() +
         "\nround " + answer.value("round", "");
}

bool IsOurs(const wire::Json& round) { return round["role"] == "proposer"; }

bool IsForUsToDecide(const wire::Json& round) {
  return round["state"] == "offered" && !IsOurs(round);
}

std::string OfferedBy(const wire::Json& round) {
  return "offered by " + (IsOurs(round) ? "us" : round["with"].value("country", ""));
}

std::string RoundLine(const wire::Json& round) {
  std::string out = round.value("id", "").substr(0, 12) + "  " + round.value("state", "") + "  " +
                    OfferedBy(round) + "  " + round.value("purpose", "") + "  " +
                    round.value("time", "");
  if (!round["progress"].is_null()) {
    out += "  " + round["progress"].value("phase", "") + " " + round["progress"]["done"].dump() +
           "/" + round["progress"]["total"].dump();
  }
  if (!round["result"].is_null()) {
    out += "  " + CountOf(round["hits"], "own record") + " hit";
  }
  const std::string failure = round.value("failure", "");
  return failure.empty() ? out : out + "  " + failure;
}

std::string SideText(const wire::Json& side) {
  return side.is_null()
             ? "nothing yet"
             : side.value("origin", "") + ", at most " + CountOf(side["records"], "record") +
                   ", at most " + CountOf(side["size_class"], "key");
}

std::string ResultText(const wire::Json& round) {
  if (round["result"].is_null()) {
    return "";
  }
  return "\nresult      " + CountOf(round["result"]["common_keys"], "common key") + "; " +
         CountOf(round["hits"], "own record") + " hit: see `entente match hits`" +
         "\n            the common keys are the same on both sides; how many records they belong "
         "to may differ,\n            because one person may stand in several records of a list";
}

// All one needs to decide on a round, or to understand it.
std::string RoundText(const wire::Json& round, const std::string& lang) {
  const std::string collection = round.value("collection", "");
  const std::string failure = round.value("failure", "");
  std::string out =
      "round       " + round.value("id", "") + "\nstate       " + round.value("state", "") +
      (failure.empty() ? "" : ": " + failure) + "\noffered by  " +
      (IsOurs(round) ? "us, to " : "") + round["with"].value("name", "") + " (" +
      round["with"].value("country", "") + ")\nsince       " + round.value("time", "") +
      "\npurpose     " + round.value("purpose", "") + "\nagreement   " +
      round.value("agreement", "").substr(0, 12) + "  " + TextIn(round["agreement_title"], lang) +
      "\ntheir side  " + SideText(round["peer"]) + "\nour side    " + SideText(round["own"]) +
      (collection.empty() ? "" : ", collection " + collection) + ResultText(round);
  if (!round["progress"].is_null()) {
    out += "\nprogress    " + round["progress"].value("phase", "") + " " +
           round["progress"]["done"].dump() + " of " + round["progress"]["total"].dump();
  }
  if (IsForUsToDecide(round)) {
    const std::string id = round.value("id", "").substr(0, 12);
    out += "\ndecide      entente match accept " + id +
           " --collection NAME, one of `entente list show`\n            entente match decline " +
           id;
  }
  return out;
}

bool IsOver(const wire::Json& round) {
  return round["state"] != "offered" && round["state"] != "accepted";
}

// Sends an act about a round and names the round it belongs to: `round`, or the act's own id.
Status Send(Invocation& invocation, const std::string& path, const wire::Json& body,
            const std::string& round) {
  ENTENTE_ASSIGN(wire::Json answer, invocation.Post(invocation.PeerPath(path), body));
  answer["round"] = round.empty() ? answer["act"] : wire::Json(round);
  invocation.Print(answer, SubmissionText);
  return {};
}

Status Offer(Invocation& invocation, const MatchOptions& options) {
  wire::Json body = {{"collection", options.collection}, {"purpose", options.purpose}};
  if (!options.agreement.empty()) {
    body["agreement"] = options.agreement;
  }
  return Send(invocation, "/rounds", body, "");
}

// "accept" or "decline".
Status Decide(Invocation& invocation, const MatchOptions& options, const std::string& decision,
              const wire::Json& body) {
  ENTENTE_ASSIGN(const wire::Json round,
                 invocation.Get(invocation.PeerPath("/rounds/" + options.id)));
  const std::string id = round.value("id", "");
  return Send(invocation, "/rounds/" + id + "/" + decision, body, id);
}

Status ShowRound(Invocation& invocation, const MatchOptions& options) {
  const std::string path = invocation.PeerPath("/rounds/" + options.id);
  for (;;) {
    ENTENTE_ASSIGN(const wire::Json round, invocation.Get(path));
    if (!options.wait || IsOver(round)) {
      EndProgress();
      invocation.Print(round,
                       [&](const wire::Json& value) { return RoundText(value, invocation.lang); });
      return {};
    }
    if (!round["progress"].is_null()) {
      ShowProgress(round["progress"].value("phase", ""),
                   round["progress"]["done"].get<std::uint64_t>(),
                   round["progress"]["total"].get<std::uint64_t>());
    }
    std::this_thread::sleep_for(kPollPause);
  }
}

Status ShowRounds(Invocation& invocation, const MatchOptions& options) {
  if (!options.id.empty()) {
    return ShowRound(invocation, options);
  }
  ENTENTE_ASSIGN(const wire::Json answer, invocation.Get(invocation.PeerPath("/rounds")));
  invocation.Print(answer, [](const wire::Json& value) {
    std::string out;
    for (const wire::Json& round : value["rounds"]) {
      out += (out.empty() ? "" : "\n") + RoundLine(round);
    }
    return out.empty() ? "no rounds yet: begin with `entente match offer`" : out;
  });
  return {};
}

// The names and birth dates of one of our own records, as its list writes them.
std::string PersonText(const wire::Json& record) {
  std::string out;
  for (const wire::Json& name : record["names"]) {
    out += (out.empty() ? "" : " | ") + name.value("text", "");
  }
  for (const wire::Json& date : record["birth_dates"]) {
    out += "  " + date.get<std::string>();
  }
  return out;
}

// `records`: our own records by id; empty if the list was replaced since.
std::string HitsText(const wire::Json& answer, const std::map<std::string, wire::Json>& records) {
  std::string out = CountOf(answer["hits"].size(), "own record") + " the peer holds too";
  if (answer["list_replaced"].get<bool>()) {
    out +=
        "\nthe list was replaced since this round: these ids are of the list as it was, and may "
        "name other persons now";
  }
  for (const wire::Json& hit : answer["hits"]) {
    const auto record = records.find(hit.value("record", ""));
    out += "\n" + hit.value("record", "") + "  " +
           (record == records.end() ? "" : PersonText(record->second)) + "  by";
    for (const wire::Json& rule : hit["rules"]) {
      out += " " + rule.get<std::string>();
    }
  }
  return out;
}

Status ShowHits(Invocation& invocation, const MatchOptions& options) {
  const std::string path = invocation.PeerPath("/rounds/" + options.id);
  ENTENTE_ASSIGN(const wire::Json answer, invocation.Get(path + "/hits"));
  std::map<std::string, wire::Json> records;
  if (!invocation.is_json && !answer["list_replaced"].get<bool>()) {
    ENTENTE_ASSIGN(const wire::Json round, invocation.Get(path));
    const std::string folder = "/api/v1/collections/" + round.value("collection", "") + "/records/";
    for (const wire::Json& hit : answer["hits"]) {
      const std::string id = hit.value("record", "");
      auto record = invocation.Get(folder + id);
      if (record) {
        records.emplace(id, *std::move(record));
      } else if (record.error().code == ErrorCode::kUnavailable) {
        return std::move(record).error();
      }  // an id that no address can hold, such as one with a slash: shown without its name
    }
  }
  invocation.Print(answer, [&](const wire::Json& value) { return HitsText(value, records); });
  return {};
}

}  // namespace

void AddMatchVerbs(CLI::App& app, Invocation& invocation) {
  CLI::App* const match =
      app.add_subcommand("match", "Find privately which records both authorities hold");
  match->require_subcommand(1);
  auto options = std::make_shared<MatchOptions>();
  const auto add = [&](const char* name, const char* help, std::function<Status()> action) {
    CLI::App* const verb = match->add_subcommand(name, help);
    AddCommon(*verb, invocation, /*with_peer=*/true);
    verb->callback([&invocation, action = std::move(action)] { invocation.action = action; });
    return verb;
  };
  CLI::App* const offer = add("offer", "Offer a round over one of our collections",
                              [&invocation, options] { return Offer(invocation, *options); });
  offer->add_option("--collection", options->collection, "See `entente list show`")->required();
  offer->add_option("--purpose", options->purpose, "A purpose of the agreement")->required();
  offer->add_option("--agreement", options->agreement, "Its id; the one in force without it");
  CLI::App* const accept =
      add("accept", "Accept the peer's offer with one of our collections", [&invocation, options] {
        return Decide(invocation, *options, "accept", {{"collection", options->collection}});
      });
  accept->add_option("id", options->id, "The round")->required();
  accept->add_option("--collection", options->collection, "See `entente list show`")->required();
  add("decline", "Decline the peer's offer, or withdraw from an open round",
      [&invocation, options] {
        return Decide(invocation, *options, "decline", wire::Json::object());
      })
      ->add_option("id", options->id, "The round")
      ->required();
  CLI::App* const status = add("status", "Rounds and their progress",
                               [&invocation, options] { return ShowRounds(invocation, *options); });
  status->add_option("id", options->id, "One round; all without it");
  status->add_flag("--wait", options->wait, "Show progress until the round is over");
  add("hits", "Our own records that the peer holds too",
      [&invocation, options] { return ShowHits(invocation, *options); })
      ->add_option("id", options->id, "The round")
      ->required();
}

}  // namespace entente::app

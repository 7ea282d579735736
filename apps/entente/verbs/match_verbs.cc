#include <chrono>
#include <iostream>
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
         "\nround " + answer.value("act", "");
}

std::string RoundLine(const wire::Json& round) {
  std::string out = round.value("id", "").substr(0, 12) + "  " + round.value("role", "") + "  " +
                    round.value("state", "") + "  " + round.value("purpose", "");
  if (!round["progress"].is_null()) {
    out += "  " + round["progress"].value("phase", "") + " " + round["progress"]["done"].dump() +
           "/" + round["progress"]["total"].dump();
  }
  if (!round["result"].is_null()) {
    out += "  " + round["hits"].dump() + " own records hit";
  }
  const std::string failure = round.value("failure", "");
  return failure.empty() ? out : out + "  " + failure;
}

bool IsOver(const wire::Json& round) {
  return round["state"] != "offered" && round["state"] != "accepted";
}

Status Send(Invocation& invocation, const std::string& path, const wire::Json& body) {
  ENTENTE_ASSIGN(const wire::Json answer, invocation.Post(invocation.PeerPath(path), body));
  invocation.Print(answer, SubmissionText);
  return {};
}

Status Offer(Invocation& invocation, const MatchOptions& options) {
  wire::Json body = {{"collection", options.collection}, {"purpose", options.purpose}};
  if (!options.agreement.empty()) {
    body["agreement"] = options.agreement;
  }
  return Send(invocation, "/rounds", body);
}

Status ShowRound(Invocation& invocation, const MatchOptions& options) {
  const std::string path = invocation.PeerPath("/rounds/" + options.id);
  for (;;) {
    ENTENTE_ASSIGN(const wire::Json round, invocation.Get(path));
    if (!options.wait || IsOver(round)) {
      EndProgress();
      invocation.Print(round, RoundLine);
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

Status ShowHits(Invocation& invocation, const MatchOptions& options) {
  ENTENTE_ASSIGN(const wire::Json answer,
                 invocation.Get(invocation.PeerPath("/rounds/" + options.id + "/hits")));
  invocation.Print(answer, [](const wire::Json& value) {
    std::string out = std::to_string(value["hits"].size()) + " own records the peer holds too";
    for (const wire::Json& hit : value["hits"]) {
      out += "\n" + hit.value("record", "") + "  ";
      for (const wire::Json& rule : hit["rules"]) {
        out += " " + rule.get<std::string>();
      }
    }
    return out;
  });
  return {};
}

}  // namespace

void AddMatchVerbs(CLI::App& app, Invocation& invocation) {
  CLI::App* const match =
      app.add_subcommand("match", "Find privately which records both authorities hold");
  match->require_subcommand(1);
  auto options = std::make_shared<MatchOptions>();
  const auto add = [&](const char* name, const char* help, const std::function<Status()>& action) {
    CLI::App* const verb = match->add_subcommand(name, help);
    AddCommon(*verb, invocation, /*with_peer=*/true);
    verb->callback([&invocation, action] { invocation.action = action; });
    return verb;
  };
  CLI::App* const offer = add("offer", "Offer a round over one of our collections",
                              [&invocation, options] { return Offer(invocation, *options); });
  offer->add_option("--collection", options->collection, "See `entente list show`")->required();
  offer->add_option("--purpose", options->purpose, "A purpose of the agreement")->required();
  offer->add_option("--agreement", options->agreement, "Its id; the one in force without it");
  CLI::App* const accept =
      add("accept", "Accept the peer's offer with one of our collections", [&invocation, options] {
        return Send(invocation, "/rounds/" + options->id + "/accept",
                    {{"collection", options->collection}});
      });
  accept->add_option("id", options->id, "The round")->required();
  accept->add_option("--collection", options->collection, "See `entente list show`")->required();
  add("decline", "Decline the peer's offer, or withdraw from an open round",
      [&invocation, options] {
        return Send(invocation, "/rounds/" + options->id + "/decline", wire::Json::object());
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

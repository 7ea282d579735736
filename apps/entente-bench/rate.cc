#include "apps/entente-bench/rate.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <fstream>
#include <memory>
#include <sstream>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apps/entente/server/tls_network.h"
#include "entente/act/kind.h"
#include "entente/base/background.h"
#include "entente/base/log.h"
#include "entente/crypto/certificate.h"
#include "entente/crypto/random.h"
#include "entente/exchange/quota.h"
#include "entente/ledger/checkpoint.h"
#include "entente/ledger/note.h"
#include "entente/node/node.h"
#include "entente/node/testing.h"
#include "entente/store/sqlite/testing.h"

namespace entente::bench {
namespace {

using std::chrono::steady_clock;

constexpr std::string_view kKind = "bench.note";
constexpr std::string_view kTable = "bench";
constexpr std::size_t kPayloadBytes = 1024;
constexpr std::string_view kAgreementFile = "examples/documents/agreement-t1.json";
constexpr std::chrono::milliseconds kTick{20};
constexpr std::chrono::seconds kPatience{60};
constexpr std::uint64_t kNoQuota = std::uint64_t{1} << 50U;

double Seconds(steady_clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

// Accepts every act; its effect is one small row.
class NoteHandler final : public exchange::ActHandler {
 public:
  Status Check(const store::Reader& /*reader*/, const PeerId& /*peer*/, const act::Act& /*act*/,
               store::Direction /*direction*/) const override {
    return {};
  }
  Status Apply(store::Transaction& transaction, const PeerId& peer, const act::Act& act,
               const act::ActId& /*id*/, store::Direction direction) override {
    return direction == store::Direction::kIn
               ? transaction.PutRow(kTable, peer, "received", AsBytes(std::to_string(act.sequence)))
               : Status();
  }
  Status ApplyAnswer(store::Transaction& transaction, const PeerId& peer, const act::Act& /*own*/,
                     const act::ActId& /*id*/, const act::Answer& answer) override {
    if (!answer.is_receipt) {
      return Error{ErrorCode::kInternal, "the peer refused an act: " + answer.reason};
    }
    ENTENTE_ASSIGN(const std::uint64_t size, transaction.LedgerSize(peer));
    receipts.push_back(size);
    return {};
  }
  void OnCommitted(const PeerId& /*peer*/, const act::Act& /*act*/, const act::ActId& /*id*/,
                   store::Direction /*direction*/) override {}

  std::deque<std::uint64_t> receipts;  // how large the log must be settled for each
};

// Both processes derive both identities.
struct Party {
  Party(const std::string& country, std::uint64_t seed, const std::string& endpoint)
      : random(seed),
        identity(country, /*is_exercise=*/true, *ParseRfc3339("2026-11-24T00:00:00Z"), random,
                 {endpoint}) {}
  SeededRandomForTests random;
  node::IdentityForTests identity;
};

// One node on sockets, clocks and a disk.
class Host {
 public:
  Host(const Party& own, const act::Card& peer, std::unique_ptr<store::SqliteStore> store)
      : own_(own),
        peer_(peer.id()),
        store_(std::move(store)),
        log_(clock_, [](std::string_view) {}),
        loop_(1),
        network_(loop_),
        node_(own.identity.get(), {*store_, clock_, random_, background_, network_, log_}, {}) {
    node_.exchange().Register(kKind, handler_);
  }

  Status Start(const Party& peer, const std::string& agreement) {
    agreement_ = agreement;
    ENTENTE_ASSIGN(const crypto::TlsIdentity identity,
                   crypto::MakeTlsIdentity(own_.identity.tls_seed(),
                                           own_.identity.card().id().str(), clock_.Now()));
    ENTENTE_TRY(network_.SetIdentity(identity, {}));
    ENTENTE_TRY(node_.exchange().AddPeer(peer.identity.get().signed_card));
    ENTENTE_TRY(store_->Write([&](store::Transaction& transaction) {
      return exchange::PutQuotaLimits(transaction, peer_, {kNoQuota, kNoQuota, kNoQuota});
    }));
    auto listening = net::TlsListener::Listen(
        loop_, net::Endpoint{"127.0.0.1", Port()}, identity,
        [this](const crypto::Digest& spki) { return node_.links().IsPinned(spki); }, {},
        {[this](std::unique_ptr<net::Connection> caller) {
           node_.links().OnCaller(app::MakeStream(std::move(caller)));
         },
         [](const std::string&, const Error&) {}});
    ENTENTE_ASSIGN(listener_, std::move(listening));
    return node_.links().Start();
  }

  // Signs what there is to sign, drafts and proposes if `is_sender`, until the agreement is in
  // force; then calls `next`.
  void Agree(bool is_sender, std::function<void()> next) {
    const Status status = TryToAgree(is_sender);
    const auto read = node_.documents().BestInForce(peer_);
    if (!status || !read) {
      return Fail(status ? read.error() : status.error());
    }
    if (const std::optional<agreement::AgreementInForce>& in_force = *read) {
      in_force_ = in_force->id;
      return next();
    }
    timer_ =
        loop_.After(kTick, [this, is_sender, next = std::move(next)] { Agree(is_sender, next); });
  }

  void Fail(const Error& why) {
    outcome_ = why;
    loop_.Stop();
  }
  Status Run() {
    ENTENTE_TRY(loop_.Run());
    return outcome_;
  }

  net::EventLoop& loop() { return loop_; }
  exchange::Exchange& exchange() { return node_.exchange(); }
  NoteHandler& handler() { return handler_; }
  const PeerId& peer() const { return peer_; }
  const act::AgreementId& in_force() const { return in_force_; }

 private:
  std::uint16_t Port() const {
    const std::string& endpoint = own_.identity.card().endpoints.front();
    return static_cast<std::uint16_t>(std::stoul(endpoint.substr(endpoint.rfind(':') + 1)));
  }

  Status TryToAgree(bool is_sender) {
    ENTENTE_ASSIGN(const auto heads, node_.documents().List(peer_));
    if (heads.empty() && is_sender) {
      ENTENTE_ASSIGN(const auto id, node_.documents().Draft(peer_, agreement_));
      ENTENTE_TRY(node_.documents().Propose(peer_, id, "bench"));
    }
    if (heads.empty() || has_signed_) {
      return {};
    }
    ENTENTE_ASSIGN(const auto view, node_.documents().Get(peer_, heads.front().id));
    for (const agreement::Signatory& signatory : view.document.signatories) {
      if (signatory.country == own_.identity.card().country) {
        ENTENTE_TRY(node_.documents().Sign(peer_, heads.front().id, signatory.name, "bench"));
      }
    }
    has_signed_ = true;
    return {};
  }

  const Party& own_;
  PeerId peer_;
  std::string agreement_;
  std::unique_ptr<store::SqliteStore> store_;
  SystemClock clock_;
  crypto::SystemRandom random_;
  QueuedBackground background_;
  Log log_;
  net::EventLoop loop_;
  app::TlsNetwork network_;
  node::Node node_;
  NoteHandler handler_;
  std::unique_ptr<net::TlsListener> listener_;
  net::Timer timer_;
  act::AgreementId in_force_;
  bool has_signed_ = false;
  Status outcome_;
};

// Submits and counts.
class Sender {
 public:
  Sender(Host& host, const RateSettings& settings) : host_(host), settings_(settings) {}

  void Begin() {
    Status status = host_.exchange().store().Read([&](const store::Reader& reader) -> Status {
      ENTENTE_ASSIGN(const store::ChannelState channel, reader.GetChannel(host_.peer()));
      acts_before_ = channel.next_out - 1;
      return {};
    });
    if (!status) {
      return host_.Fail(status.error());
    }
    begin_ = last_progress_ = steady_clock::now();
    Turn();
  }

  wire::Json Figures() const {
    std::vector<double> delays = delays_;
    std::ranges::sort(delays);
    const auto percentile = [&](double share) {
      return delays.empty()
                 ? 0.0
                 : delays[static_cast<std::size_t>(share * static_cast<double>(delays.size() - 1))];
    };
    const double seconds = Seconds(end_ - begin_);
    wire::Json marks = wire::Json::array();
    for (const auto& [acts, at] : marks_) {
      marks.push_back({acts, at});
    }
    return {{"acts_before", acts_before_},
            {"acts", settled_},
            {"seconds", seconds},
            {"settled_per_second", static_cast<double>(settled_) / seconds},
            {"settle_seconds_p50", percentile(0.5)},
            {"settle_seconds_p99", percentile(0.99)},
            {"payload_bytes", kPayloadBytes},
            {"marks", std::move(marks)}};
  }

 private:
  bool IsTimeOver() const {
    return settings_.acts > 0
               ? submitted_ >= settings_.acts
               : steady_clock::now() - begin_ >= std::chrono::seconds(settings_.seconds);
  }

  void Turn() {
    Status status = Count();
    const bool is_over = IsTimeOver();
    if (status && is_over && settled_ == submitted_) {
      end_ = steady_clock::now();
      return host_.loop().Stop();
    }
    if (status && steady_clock::now() - last_progress_ > kPatience) {
      status = Error{ErrorCode::kUnavailable, "nothing settled for a minute"};
    }
    bool is_full = true;
    if (status && !is_over && submitted_ - settled_ < settings_.unsettled_max) {
      is_full = false;
      status = SubmitBatch();
    }
    if (!status) {
      return host_.Fail(status.error());
    }
    if (is_full) {
      timer_ = host_.loop().After(std::chrono::milliseconds(1), [this] { Turn(); });
    } else {
      host_.loop().Post([this] { Turn(); });
    }
  }

  Status SubmitBatch() {
    const std::uint64_t left =
        settings_.acts > 0 ? settings_.acts - submitted_ : settings_.unsettled_max;
    const std::uint64_t count = std::min(settings_.batch, left);
    return host_.exchange().Group([&]() -> Status {
      for (std::uint64_t i = 0; i < count; ++i) {
        act::Draft draft;
        draft.kind = kKind;
        draft.agreement = host_.in_force();
        draft.body = {{"text", std::string(kPayloadBytes, 'n')}};
        draft.actor = "bench";
        ENTENTE_ASSIGN(const exchange::Submission submission,
                       host_.exchange().Submit(host_.peer(), std::move(draft)));
        if (!submission.decision.is_permitted()) {
          return Error{ErrorCode::kNotPermitted, agreement::Describe(submission.decision)};
        }
        submitted_at_.push_back(steady_clock::now());
        ++submitted_;
      }
      return {};
    });
  }

  // What is settled by now.
  Status Count() {
    std::deque<std::uint64_t>& receipts = host_.handler().receipts;
    if (receipts.empty()) {
      return {};
    }
    std::optional<Bytes> note;
    ENTENTE_TRY(host_.exchange().store().Read([&](const store::Reader& reader) -> Status {
      ENTENTE_ASSIGN(note, reader.GetCheckpoint(host_.peer(), store::CheckpointKind::kOwnSettled));
      return {};
    }));
    if (!note || *note == last_note_) {
      return {};
    }
    last_note_ = *note;
    ENTENTE_ASSIGN(const ledger::Note parsed, ledger::ParseNoteWithoutVerifying(AsText(*note)));
    ENTENTE_ASSIGN(const ledger::Checkpoint checkpoint, ledger::ParseCheckpoint(parsed.text));
    const auto now = steady_clock::now();
    while (!receipts.empty() && receipts.front() <= checkpoint.size) {
      receipts.pop_front();
      if (settled_ % 16 == 0) {
        delays_.push_back(Seconds(now - submitted_at_.front()));
      }
      submitted_at_.pop_front();
      ++settled_;
      last_progress_ = now;
    }
    if (const double at = Seconds(now - begin_); marks_.empty() || at - marks_.back().second >= 5) {
      marks_.emplace_back(settled_, at);
    }
    return {};
  }

  Host& host_;
  RateSettings settings_;
  net::Timer timer_;
  std::uint64_t acts_before_ = 0;
  std::uint64_t submitted_ = 0;
  std::uint64_t settled_ = 0;
  std::deque<steady_clock::time_point> submitted_at_;
  std::vector<double> delays_;
  std::vector<std::pair<std::uint64_t, double>> marks_;  // settled so far, at which second
  Bytes last_note_;
  steady_clock::time_point begin_;
  steady_clock::time_point end_;
  steady_clock::time_point last_progress_;
};

// A port that was free a moment ago.
Result<std::uint16_t> FreePort() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) {
    return Error{ErrorCode::kUnavailable, "no socket can be opened"};
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const raw = reinterpret_cast<sockaddr*>(&address);
  const bool is_bound = ::bind(socket, raw, size) == 0 && ::getsockname(socket, raw, &size) == 0;
  ::close(socket);
  return is_bound ? Result<std::uint16_t>(ntohs(address.sin_port))
                  : Error{ErrorCode::kUnavailable, "no port can be bound"};
}

// The ports stand in the cards, so a run that goes on takes those of the first one.
Result<std::pair<std::uint16_t, std::uint16_t>> PortsOf(const std::string& folder) {
  const std::string path = folder + "/ports";
  std::pair<std::uint16_t, std::uint16_t> ports;
  if (std::ifstream file(path); file >> ports.first >> ports.second) {
    return ports;
  }
  ENTENTE_ASSIGN(ports.first, FreePort());
  ENTENTE_ASSIGN(ports.second, FreePort());
  std::ofstream(path) << ports.first << " " << ports.second << "\n";
  return ports;
}

// The T1 example, which then permits the kind of the benchmark too.
Result<std::string> Agreement() {
  std::ifstream file{std::string(kAgreementFile)};
  std::stringstream text;
  text << file.rdbuf();
  if (!file) {
    return Error{ErrorCode::kNotFound,
                 std::string(kAgreementFile) + " is not here: run it from the project's root"};
  }
  wire::Json json = wire::Json::parse(text.str(), nullptr, /*allow_exceptions=*/false);
  wire::Json& permits = json["terms"]["permits"];
  if (!permits.is_object()) {
    return Error{ErrorCode::kCorruptData, "the example agreement permits nothing"};
  }
  permits[std::string(kKind)] = permits["match.offer"];
  return json.dump();
}

Result<std::unique_ptr<store::SqliteStore>> OpenStore(const std::string& folder,
                                                      std::string_view name) {
  return store::SqliteStore::Open(
      folder + "/" + std::string(name) + ".db",
      {store::KeysForTests().root, std::make_unique<crypto::SystemRandom>()});
}

// Flushes a second of a file in `folder` that grows by 4 KiB each.
Result<double> FlushesPerSecond(const std::string& folder) {
  const std::string path = folder + "/flush-test";
  const int file = ::open(path.c_str(), O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0600);
  if (file < 0) {
    return Error{ErrorCode::kUnavailable, folder + " cannot be written"};
  }
  const Bytes page(4096, 0x5A);
  std::uint64_t count = 0;
  const auto begin = steady_clock::now();
  bool is_ok = true;
  while (is_ok && steady_clock::now() - begin < std::chrono::seconds(1)) {
    is_ok = ::pwrite(file, page.data(), page.size(), static_cast<off_t>(count * page.size())) ==
                static_cast<ssize_t>(page.size()) &&
            ::fdatasync(file) == 0;
    ++count;
  }
  const double seconds = Seconds(steady_clock::now() - begin);
  ::close(file);
  ::unlink(path.c_str());
  return is_ok ? Result<double>(static_cast<double>(count) / seconds)
               : Error{ErrorCode::kUnavailable, folder + " cannot be flushed"};
}

double CpuSeconds(int who) {
  rusage usage{};
  ::getrusage(who, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double PeakMegabytes(int who) {
  rusage usage{};
  ::getrusage(who, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

// The receiver's process: serves until it is told to end.
int Receive(const Party& own, const Party& peer, const RateSettings& settings,
            const std::string& agreement) {
  auto store = OpenStore(settings.folder, "receiver");
  if (!store) {
    return 1;
  }
  Host host(own, peer.identity.card(), *std::move(store));
  Status status = host.loop().OnTerminate([&host] { host.loop().Stop(); });
  status = status ? host.Start(peer, agreement) : status;
  if (status) {
    host.Agree(/*is_sender=*/false, [] {});
    status = host.Run();
  }
  return status ? 0 : 1;
}

Result<wire::Json> Send(const Party& own, const Party& peer, const RateSettings& settings,
                        const std::string& agreement) {
  ENTENTE_ASSIGN(auto store, OpenStore(settings.folder, "sender"));
  Host host(own, peer.identity.card(), std::move(store));
  ENTENTE_TRY(host.Start(peer, agreement));
  Sender sender(host, settings);
  host.Agree(/*is_sender=*/true, [&sender] { sender.Begin(); });
  ENTENTE_TRY(host.Run());
  return sender.Figures();
}

}  // namespace

Result<wire::Json> MeasureRate(const RateSettings& settings) {
  act::AddKindForTests({kKind, act::Tier::kT1});
  ENTENTE_ASSIGN(const std::string agreement, Agreement());
  ENTENTE_ASSIGN(const double flushes, FlushesPerSecond(settings.folder));
  ENTENTE_ASSIGN(const auto ports, PortsOf(settings.folder));
  const Party sender("MA", 1, "127.0.0.1:" + std::to_string(ports.first));
  const Party receiver("DE", 2, "127.0.0.1:" + std::to_string(ports.second));
  const pid_t child = ::fork();
  if (child < 0) {
    return Error{ErrorCode::kUnavailable, "no second process can be started"};
  }
  if (child == 0) {
    ::_exit(Receive(receiver, sender, settings, agreement));
  }
  Result<wire::Json> figures = Send(sender, receiver, settings, agreement);
  ::kill(child, SIGTERM);
  int ended = 0;
  ::waitpid(child, &ended, 0);
  if (figures && ended != 0) {
    return Error{ErrorCode::kInternal, "the receiver's process failed"};
  }
  if (figures) {
    (*figures)["fdatasync_per_second"] = flushes;
    (*figures)["cpu_seconds"] = CpuSeconds(RUSAGE_SELF) + CpuSeconds(RUSAGE_CHILDREN);
    (*figures)["peak_megabytes_sender"] = PeakMegabytes(RUSAGE_SELF);
    (*figures)["peak_megabytes_receiver"] = PeakMegabytes(RUSAGE_CHILDREN);
  }
  return figures;
}

}  // namespace entente::bench

#include "entente/node/peer_links.h"

#include <algorithm>
#include <array>
#include <utility>

#include "entente/base/error_table.h"
#include "entente/crypto/certificate.h"

namespace entente::node {

// One known peer: its link, or the wait for one.
class PeerLinks::Peer final : public StreamHandler {
 public:
  Peer(PeerLinks& owner, act::Card card)
      : owner_(owner),
        card_(std::move(card)),
        spki_(crypto::SpkiSha256(card_.keys.tls)),
        pause_(owner.settings_.redial_min) {}

  const crypto::Digest& spki() const { return spki_; }
  const act::Card& card() const { return card_; }
  void SetCard(act::Card card) {
    if (card.endpoints != card_.endpoints) {  // new addresses are tried at once
      redial_.reset();
      pause_ = owner_.settings_.redial_min;
      next_endpoint_ = 0;
    }
    card_ = std::move(card);
  }
  bool is_linked() const { return link_ != nullptr && link_->is_established(); }
  bool has_link() const { return link_ != nullptr; }
  const std::string& error() const { return error_; }

  // Whether a new connection may take the place of what there is. The peer proved its key on both:
  // if it connects again, the old connection is dead, unless both sides have just dialled.
  bool Yields(bool is_dialed) const {
    const bool we_are_lower = owner_.exchange_.identity().card.id() < card_.id();
    return link_ == nullptr || is_dialed_ == is_dialed || is_dialed == we_are_lower ||
           owner_.exchange_.clock().Now() - attached_ >= owner_.settings_.dials_at_once_max;
  }

  void Attach(std::unique_ptr<Stream> stream, bool is_dialed) {
    Detach();
    is_dialed_ = is_dialed;
    attached_ = owner_.exchange_.clock().Now();
    stream_ = std::move(stream);
    link_ = std::make_unique<exchange::Link>(owner_.exchange_, owner_.rounds_, card_,
                                             stream_->binding());
    link_->SetTap(owner_.settings_.tap);
    stream_->Start(*this);
    if (const Status status = link_->Start(); !status) {
      return End(status.error());
    }
    Flush();
  }

  void Dial() {
    if (stream_ != nullptr || is_dialing_ || card_.endpoints.empty() || redial_ != nullptr) {
      return;
    }
    is_dialing_ = true;
    owner_.network_.Dial(card_.endpoints[next_endpoint_++ % card_.endpoints.size()], spki_,
                         [this](Result<std::unique_ptr<Stream>> stream) {
                           is_dialing_ = false;
                           if (!stream) {
                             return Retry(stream.error());
                           }
                           if (Yields(/*is_dialed=*/true)) {
                             Attach(*std::move(stream), /*is_dialed=*/true);
                           }
                         });
  }

  // Composes and sends while there is room.
  void Pump() {
    if (link_ == nullptr) {
      return Dial();
    }
    while (stream_->pending_bytes() < kPendingBytesMax) {
      if (const Status status = link_->Pump(); !status) {
        return End(status.error());
      }
      if (link_->output_bytes() == 0) {
        return;
      }
      Flush();
    }
  }

  // StreamHandler
  void OnBytes(ByteView bytes) override {
    if (link_ == nullptr) {
      return;
    }
    const bool was_linked = is_linked();
    if (const Status status = link_->OnBytes(bytes); !status) {
      return End(status.error());
    }
    if (!was_linked && is_linked()) {
      error_.clear();
      owner_.Write(Log::Level::kInfo, "link.up",
                   {{"peer", card_.id().str()}, {"dialed", is_dialed_ ? "yes" : "no"}});
    }
    Flush();
    Pump();
  }
  void OnWritable() override { Pump(); }
  void OnClosed(const Error& why) override {
    if (is_linked()) {
      owner_.Write(Log::Level::kInfo, "link.down",
                   {{"peer", card_.id().str()}, {"why", why.message}});
    }
    const bool was_ended = link_ == nullptr;
    if (owner_.exchange_.clock().Now() - attached_ >= kLastingLink) {
      pause_ = owner_.settings_.redial_min;
    }
    Detach();
    Retry(was_ended ? Error{why.code, error_} : why);
  }

 private:
  void Flush() {
    if (link_->output_bytes() > 0) {
      stream_->Send(link_->TakeOutput());
    }
  }

  // Tells the peer why, closes, and tries again later.
  void End(const Error& why) {
    owner_.Write(
        Log::Level::kWarning, "link.refused",
        {{"peer", card_.id().str()}, {"code", ErrorRowFor(why.code).name}, {"why", why.message}});
    error_ = why.message;
    Flush();
    link_.reset();
    stream_->Close();  // OnClosed follows once the last words are out
  }

  void Detach() {
    link_.reset();
    stream_.reset();
  }

  void Retry(const Error& why) {
    if (error_ != why.message) {
      owner_.Write(Log::Level::kInfo, "link.waiting",
                   {{"peer", card_.id().str()}, {"why", why.message}});
    }
    error_ = why.message;
    if (auto card = owner_.exchange_.PeerCard(card_.id())) {
      SetCard(*std::move(card));  // it may have been imported again while there was a link
    }
    if (card_.endpoints.empty()) {
      return;
    }
    // Full jitter: anything up to the pause, so that two nodes do not stay in step.
    std::array<std::uint8_t, 2> dice{};
    owner_.random_.Fill(dice);
    const auto share = static_cast<std::int64_t>(dice[0] << 8U | dice[1]);
    const auto delay = owner_.settings_.redial_min / 2 + pause_ * share / 65536;
    pause_ = std::min(pause_ * 2, owner_.settings_.redial_max);
    redial_ =
        owner_.network_.After(std::chrono::duration_cast<std::chrono::milliseconds>(delay), [this] {
          redial_.reset();
          Pump();
        });
  }

  PeerLinks& owner_;
  act::Card card_;
  crypto::Digest spki_;
  std::unique_ptr<Stream> stream_;
  std::unique_ptr<exchange::Link> link_;
  bool is_dialed_ = false;
  UtcTime attached_;
  bool is_dialing_ = false;
  std::size_t next_endpoint_ = 0;
  std::chrono::milliseconds pause_;
  std::unique_ptr<PendingCall> redial_;
  std::string error_;
};

PeerLinks::PeerLinks(Network& network, exchange::Exchange& exchange, exchange::RoundPort& rounds,
                     Random& random, Log& log, const LinkSettings& settings)
    : network_(network),
      exchange_(exchange),
      rounds_(rounds),
      random_(random),
      log_(log),
      settings_(settings),
      lines_(exchange.clock()) {}

PeerLinks::~PeerLinks() { ReportLeftOut(); }

void PeerLinks::Write(Log::Level level, std::string_view event,
                      std::initializer_list<LogField> fields) {
  if (lines_.Admit(event)) {
    log_.Write(level, event, fields);
  } else if (report_ == nullptr) {
    report_ = network_.After(std::chrono::minutes(1), [this] {
      report_.reset();
      ReportLeftOut();
    });
  }
}

void PeerLinks::ReportLeftOut() {
  for (const auto& [event, count] : lines_.TakeLeftOut()) {
    log_.Write(Log::Level::kWarning, "link.lines_left_out", {{"of", event}, {"count", count}});
  }
}

Status PeerLinks::Start() {
  std::vector<store::PeerRow> rows;
  ENTENTE_TRY(exchange_.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(rows, reader.ListPeers());
    return {};
  }));
  for (const store::PeerRow& row : rows) {
    Wake(row.id);
  }
  return {};
}

PeerLinks::Peer& PeerLinks::Known(const act::Card& card) {
  std::unique_ptr<Peer>& peer = peers_[card.id()];
  if (peer == nullptr) {
    peer = std::make_unique<Peer>(*this, card);
  } else {
    peer->SetCard(card);
  }
  return *peer;
}

bool PeerLinks::IsPinned(const crypto::Digest& spki) const {
  return std::any_of(peers_.begin(), peers_.end(),
                     [&](const auto& entry) { return entry.second->spki() == spki; });
}

PeerLinks::Peer* PeerLinks::FindBySpki(const crypto::Digest& spki) {
  const auto found = std::find_if(peers_.begin(), peers_.end(),
                                  [&](const auto& entry) { return entry.second->spki() == spki; });
  return found == peers_.end() ? nullptr : found->second.get();
}

void PeerLinks::OnCaller(std::unique_ptr<Stream> stream) {
  Peer* const peer = FindBySpki(stream->peer_spki());
  if (peer != nullptr && peer->Yields(/*is_dialed=*/false)) {
    peer->Attach(std::move(stream), /*is_dialed=*/false);
  }
}

void PeerLinks::OnCallerRefused(const std::string& remote, const Error& why) {
  Write(Log::Level::kWarning, "link.caller_refused", {{"remote", remote}, {"why", why.message}});
}

void PeerLinks::Wake(const PeerId& peer) {
  if (awake_.insert(peer).second) {
    network_.Post([this, peer] { Serve(peer); });
  }
}

void PeerLinks::Serve(const PeerId& peer) {
  awake_.erase(peer);
  auto known = peers_.find(peer);
  if (known == peers_.end() || !known->second->has_link()) {
    const auto card = exchange_.PeerCard(peer);
    if (!card) {
      return log_.Write(Log::Level::kError, "link.card_unreadable",
                        {{"peer", peer.str()}, {"why", card.error().message}});
    }
    Known(*card);
    known = peers_.find(peer);
  }
  known->second->Pump();
}

LinkStatus PeerLinks::StatusOf(const PeerId& peer) const {
  const auto known = peers_.find(peer);
  if (known == peers_.end()) {
    return {false, "not tried yet"};
  }
  if (known->second->is_linked()) {
    return {true, ""};
  }
  const std::string& error = known->second->error();
  return {false, error.empty() ? "waiting for the peer to call: its card has no endpoint" : error};
}

}  // namespace entente::node

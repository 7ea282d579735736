#include "entente/net/connection.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include "entente/base/check.h"
#include "entente/base/units.h"
#include "entente/net/internal/connection_impl.h"
#include "entente/net/internal/event_loop_impl.h"

namespace entente::net {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::steady_clock;

namespace {

constexpr std::size_t kPlainSizeBytes = 16384;  // the most one TLS record holds

Error Broken(const error_code& error) {
  return {ErrorCode::kUnavailable, "the connection broke: " + error.message()};
}

}  // namespace

Connection::Impl::Impl(EventLoop& loop, StreamSocket socket, std::unique_ptr<TlsSession> tls,
                       const ConnectionLimits& limits, std::string remote,
                       std::function<void()> on_finished)
    : loop_(loop),
      socket_(std::move(socket)),
      tls_(std::move(tls)),
      limits_(limits),
      remote_(std::move(remote)),
      on_finished_(std::move(on_finished)),
      last_activity_(steady_clock::now()) {}

const std::optional<TlsFacts>& Connection::Impl::tls() const {
  static const std::optional<TlsFacts> none;
  return tls_ ? tls_->facts() : none;
}

void Connection::Impl::Handshake(std::function<void(Status)> on_result) {
  phase_ = Phase::kHandshake;
  on_handshake_ = std::move(on_result);
  AdvanceHandshake();
  Read();
}

void Connection::Impl::AdvanceHandshake() {
  const Result<bool> is_complete = tls_->Handshake();
  tls_->TakeWire(queued_);
  if (!is_complete) {
    Close(is_complete.error());
    return;
  }
  if (*is_complete) {
    phase_ = Phase::kOpen;
    PostHandshakeResult();
  }
  OnQueued();
}

void Connection::Impl::PostHandshakeResult() {
  // The callback stays here until it is called, so that Drop() can take it back.
  loop_.Post([self = shared_from_this()] {
    if (const auto on_result = std::exchange(self->on_handshake_, nullptr)) {
      on_result(self->phase_ == Phase::kOpen ? Status() : Status(self->why_));
    }
  });
}

void Connection::Impl::Start(ConnectionHandler& handler) {
  ENTENTE_CHECK(handler_ == nullptr);
  handler_ = &handler;
  if (phase_ == Phase::kClosed) {
    PostClosed();
    return;
  }
  if (limits_.idle_timeout.count() > 0) {
    WatchIdleness(limits_.idle_timeout);
  }
  loop_.Post([self = shared_from_this()] { self->Pump(); });
}

void Connection::Impl::WatchIdleness(std::chrono::milliseconds delay) {
  idle_timer_ = loop_.After(delay, [this] {
    const auto idle =
        std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - last_activity_);
    if (idle >= limits_.idle_timeout) {
      Fail({ErrorCode::kDeadlineExceeded,
            "nothing came or went for " + FormatDuration(limits_.idle_timeout)});
    } else {
      WatchIdleness(limits_.idle_timeout - idle);
    }
  });
}

void Connection::Impl::ResumeReading() {
  if (std::exchange(is_paused_, false)) {
    loop_.Post([self = shared_from_this()] { self->Pump(); });
  }
}

void Connection::Impl::Pump() {
  if (held_ > 0 && IsDelivering()) {
    const ByteView bytes(input_.data(), std::exchange(held_, 0));
    CallHandler([&] { handler_->OnBytes(bytes); });
  }
  if (tls_) {
    DeliverDecrypted();
  }
  Read();
}

void Connection::Impl::DeliverDecrypted() {
  plain_.resize(kPlainSizeBytes);
  while (IsDelivering()) {
    const Result<std::size_t> size = tls_->Read(plain_);
    tls_->TakeWire(queued_);
    if (!size) {
      has_peer_ended_ = size.error().code == ErrorCode::kUnavailable;
      Close(size.error());
      return;
    }
    if (*size == 0) {
      break;
    }
    CallHandler([&] { handler_->OnBytes(ByteView(plain_).first(*size)); });
  }
  OnQueued();
}

void Connection::Impl::CallHandler(const std::function<void()>& call) {
  try {
    call();
  } catch (const std::exception& exception) {
    Fail({ErrorCode::kInternal, std::string("a connection's handler threw: ") + exception.what()});
  }
}

void Connection::Impl::Read() {
  const bool is_wanted = phase_ == Phase::kHandshake || (IsDelivering() && held_ == 0) ||
                         (phase_ == Phase::kClosing && has_ended_ && !has_peer_ended_);
  if (is_reading_ || !is_wanted) {
    return;
  }
  is_reading_ = true;
  input_.resize(kChunkSizeBytesMax);
  socket_.async_receive(asio::buffer(input_),
                        [self = shared_from_this()](const error_code& error, std::size_t size) {
                          self->OnRead(error, size);
                        });
}

void Connection::Impl::OnRead(const error_code& error, std::size_t size) {
  is_reading_ = false;
  if (phase_ == Phase::kClosed) {
    return;
  }
  if (error == asio::error::eof) {
    OnEndOfStream();
    return;
  }
  if (error) {
    Fail(phase_ == Phase::kClosing ? why_ : Broken(error));
    return;
  }
  last_activity_ = steady_clock::now();
  if (phase_ == Phase::kClosing) {
    Read();  // drained: a reset would take our last bytes from the peer
    return;
  }
  if (!tls_) {
    held_ = size;
  } else {
    tls_->Feed(ByteView(input_).first(size));
    if (phase_ == Phase::kHandshake) {
      AdvanceHandshake();
      Read();
      return;
    }
  }
  Pump();
}

void Connection::Impl::OnEndOfStream() {
  has_peer_ended_ = true;
  if (phase_ == Phase::kClosing) {
    Write();
  } else if (phase_ == Phase::kHandshake) {
    Close({ErrorCode::kUnavailable, "the peer went away during the TLS handshake"});
  } else if (tls_) {
    Close({ErrorCode::kUnavailable, "the connection was cut: the peer did not say goodbye"});
  } else {
    Close({ErrorCode::kUnavailable, "the peer closed the connection"});
  }
}

void Connection::Impl::Send(ByteView bytes) {
  if (phase_ != Phase::kOpen) {
    return;
  }
  // Checked before encrypting too, so that a wild size costs nothing.
  if (bytes.size() <= limits_.pending_bytes_max) {
    if (!tls_) {
      Append(queued_, bytes);
    } else if (const Status status = tls_->Write(bytes, queued_); !status) {
      Fail(status.error());
      return;
    }
    OnQueued();
    return;
  }
  Fail({ErrorCode::kLimitExceeded, "more than " + FormatSize(limits_.pending_bytes_max) +
                                       " wait to be sent on one connection"});
}

void Connection::Impl::OnQueued() {
  if (pending_bytes() > limits_.pending_bytes_max) {
    Fail({ErrorCode::kLimitExceeded, "more than " + FormatSize(limits_.pending_bytes_max) +
                                         " wait to be sent on one connection"});
    return;
  }
  is_above_low_ = is_above_low_ || pending_bytes() > limits_.pending_bytes_low;
  Write();
}

void Connection::Impl::Write() {
  if (is_writing_ || phase_ == Phase::kClosed) {
    return;
  }
  if (left_ == leaving_.size()) {
    leaving_ = std::exchange(queued_, {});
    left_ = 0;
  }
  if (leaving_.empty()) {
    if (phase_ == Phase::kClosing) {
      EndSending();
    }
    return;
  }
  is_writing_ = true;
  socket_.async_send(asio::buffer(leaving_) + left_,
                     [self = shared_from_this()](const error_code& error, std::size_t size) {
                       self->OnWritten(error, size);
                     });
}

void Connection::Impl::OnWritten(const error_code& error, std::size_t size) {
  is_writing_ = false;
  if (phase_ == Phase::kClosed) {
    return;
  }
  if (error) {
    Fail(phase_ == Phase::kClosing ? why_ : Broken(error));
    return;
  }
  last_activity_ = steady_clock::now();
  left_ += size;
  Write();
  if (is_above_low_ && pending_bytes() <= limits_.pending_bytes_low) {
    is_above_low_ = false;
    if (phase_ == Phase::kOpen && handler_ != nullptr) {
      CallHandler([&] { handler_->OnWritable(); });
    }
  }
}

void Connection::Impl::Close(Error why) {
  if (phase_ == Phase::kClosing || phase_ == Phase::kClosed) {
    return;
  }
  if (phase_ == Phase::kHandshake) {
    PostHandshakeResult();
  }
  phase_ = Phase::kClosing;
  why_ = std::move(why);
  held_ = 0;
  idle_timer_.Cancel();
  close_timer_ = loop_.After(limits_.close_timeout, [this] { Fail(why_); });
  if (tls() && why_.code != ErrorCode::kPeerViolation) {
    tls_->Shutdown();
    tls_->TakeWire(queued_);
  }
  Write();
}

void Connection::Impl::EndSending() {
  if (has_peer_ended_) {
    Finish();
    return;
  }
  if (!std::exchange(has_ended_, true)) {
    error_code ignored;  // a broken socket shows in the read that follows
    socket_.shutdown(StreamSocket::shutdown_send, ignored);
  }
  Read();
}

void Connection::Impl::Fail(Error why) {
  if (phase_ == Phase::kClosed) {
    return;
  }
  if (phase_ == Phase::kHandshake) {
    PostHandshakeResult();
  }
  why_ = std::move(why);
  Finish();
}

void Connection::Impl::Finish() {
  phase_ = Phase::kClosed;
  error_code ignored;
  socket_.close(ignored);
  idle_timer_.Cancel();
  close_timer_.Cancel();
  queued_ = {};
  if (const auto on_finished = std::exchange(on_finished_, nullptr)) {
    on_finished();
  }
  PostClosed();
}

void Connection::Impl::PostClosed() {
  loop_.Post([self = shared_from_this()] {
    if (ConnectionHandler* handler = std::exchange(self->handler_, nullptr)) {
      handler->OnClosed(self->why_);
    }
  });
}

void Connection::Impl::Drop() {
  handler_ = nullptr;
  on_handshake_ = nullptr;
  Fail(why_);
}

Connection::Connection(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Connection::~Connection() { impl_->Drop(); }
void Connection::Start(ConnectionHandler& handler) { impl_->Start(handler); }
void Connection::Send(ByteView bytes) { impl_->Send(bytes); }
std::size_t Connection::pending_bytes() const { return impl_->pending_bytes(); }
void Connection::PauseReading() { impl_->PauseReading(); }
void Connection::ResumeReading() { impl_->ResumeReading(); }
void Connection::Close() { impl_->CloseByOwner(); }
void Connection::Abort() { impl_->FailByOwner(); }
const std::optional<TlsFacts>& Connection::tls() const { return impl_->tls(); }
const std::string& Connection::remote() const { return impl_->remote(); }

}  // namespace entente::net

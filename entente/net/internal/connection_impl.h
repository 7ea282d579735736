// A socket with its queue, its limits and, if there is one, its TLS session. One class for all
// kinds of connection: TLS is bytes to bytes, and the socket type does not know its family.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/generic/stream_protocol.hpp>

#include "entente/net/connection.h"
#include "entente/net/event_loop.h"
#include "entente/net/internal/tls_session.h"
#include "entente/net/limits.h"

namespace entente::net {

using StreamSocket = boost::asio::generic::stream_protocol::socket;

class Connection::Impl : public std::enable_shared_from_this<Connection::Impl> {
 public:
  // Calls `on_finished` once, when the socket is closed.
  Impl(EventLoop& loop, StreamSocket socket, std::unique_ptr<TlsSession> tls,
       const ConnectionLimits& limits, std::string remote, std::function<void()> on_finished);

  // Runs the TLS handshake, then calls `on_result` once from the loop. After a failure the
  // connection is closing on its own and the peer is being told.
  void Handshake(std::function<void(Status)> on_result);

  // As in connection.h.
  void Start(ConnectionHandler& handler);
  void Send(ByteView bytes);
  std::size_t pending_bytes() const { return queued_.size() + leaving_.size() - left_; }
  void PauseReading() { is_paused_ = true; }
  void ResumeReading();
  // Flushes, tells the peer, waits for it to hang up. `why` is for OnClosed or the handshake's end.
  void Close(Error why);
  void CloseByOwner() { Close(why_); }
  // Closes the socket now.
  void Fail(Error why);
  void FailByOwner() { Fail(why_); }
  // Closes the socket now and calls neither handler nor `on_result`.
  void Drop();

  const std::optional<TlsFacts>& tls() const;
  const std::string& remote() const { return remote_; }

 private:
  enum class Phase { kHandshake, kOpen, kClosing, kClosed };

  void AdvanceHandshake();
  // Hands over what has arrived, then reads on.
  void Pump();
  void DeliverDecrypted();
  void CallHandler(const std::function<void()>& call);
  bool IsDelivering() const { return phase_ == Phase::kOpen && handler_ != nullptr && !is_paused_; }
  void Read();
  void OnRead(const boost::system::error_code& error, std::size_t size);
  void OnEndOfStream();
  // Checks the limit, then Write().
  void OnQueued();
  void Write();
  void OnWritten(const boost::system::error_code& error, std::size_t size);
  void EndSending();
  void Finish();
  void PostHandshakeResult();
  void PostClosed();
  void WatchIdleness(std::chrono::milliseconds delay);

  EventLoop& loop_;
  StreamSocket socket_;
  const std::unique_ptr<TlsSession> tls_;  // null for a plain connection
  const ConnectionLimits limits_;
  const std::string remote_;
  std::function<void()> on_finished_;
  std::function<void(Status)> on_handshake_;
  ConnectionHandler* handler_ = nullptr;

  Phase phase_ = Phase::kOpen;
  Error why_{ErrorCode::kUnavailable, "this node closed the connection"};
  bool is_paused_ = false;
  bool is_reading_ = false;  // `input_` is with the kernel
  bool is_writing_ = false;  // `leaving_` is with the kernel
  bool is_above_low_ = false;
  bool has_peer_ended_ = false;
  bool has_ended_ = false;  // no more bytes leave
  Bytes input_;
  std::size_t held_ = 0;  // bytes of `input_` not yet handed over (plain connections only)
  Bytes plain_;           // what TLS decrypts into
  Bytes queued_;          // waits until `leaving_` is gone
  Bytes leaving_;         // of which `left_` bytes are gone
  std::size_t left_ = 0;
  std::chrono::steady_clock::time_point last_activity_;
  Timer idle_timer_;
  Timer close_timer_;
};

}  // namespace entente::net

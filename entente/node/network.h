// What the links of a node need from the world: streams to pinned peers, and time to wait.
//
// apps/ hands in TLS over TCP, sim/ a network of its own making; everything above this line is the
// same code in both. Threads: the node's owner thread. No call is made from inside another.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "entente/base/bytes.h"
#include "entente/base/result.h"
#include "entente/crypto/hash.h"
#include "entente/peer/session.h"

namespace entente::node {

class StreamHandler {
 public:
  virtual ~StreamHandler() = default;
  // The view ends with the call.
  virtual void OnBytes(ByteView bytes) = 0;
  // Fewer bytes wait than did.
  virtual void OnWritable() = 0;
  // The last call, exactly once, unless the stream was destroyed before. The handler may destroy
  // the stream from inside it.
  virtual void OnClosed(const Error& why) = 0;
};

// An open, mutually authenticated, ordered stream of bytes. Destroying it drops it without a
// further call to its handler.
class Stream {
 public:
  virtual ~Stream() = default;
  // Begins to read. Call once. `handler` must outlive the stream.
  virtual void Start(StreamHandler& handler) = 0;
  // Queues whole frames; order is kept.
  virtual void Send(ByteView frames) = 0;
  virtual std::size_t pending_bytes() const = 0;
  // Sends what is queued, then OnClosed.
  virtual void Close() = 0;
  // Equal on both ends of this stream and on no other.
  virtual const peer::ChannelBinding& binding() const = 0;
  // SHA-256 of the key the other end proved to hold.
  virtual const crypto::Digest& peer_spki() const = 0;
};

// A call that is to come. Destroying it means it does not happen.
class PendingCall {
 public:
  virtual ~PendingCall() = default;
};

class Network {
 public:
  virtual ~Network() = default;

  // Connects to `endpoint`, an address of a card, if the key there has this SHA-256. Calls
  // `on_result` once, later. Errors: kInvalidInput for an endpoint that is none; kUnavailable,
  // kDeadlineExceeded if nobody answers; kNotPermitted for another key; kPeerViolation.
  using OnResult = std::function<void(Result<std::unique_ptr<Stream>>)>;
  virtual void Dial(const std::string& endpoint, const crypto::Digest& spki,
                    OnResult on_result) = 0;

  [[nodiscard]] virtual std::unique_ptr<PendingCall> After(std::chrono::milliseconds delay,
                                                           std::function<void()> task) = 0;
  // Calls `task` later, never from inside Post.
  virtual void Post(std::function<void()> task) = 0;
};

}  // namespace entente::node

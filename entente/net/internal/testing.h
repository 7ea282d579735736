// What net's tests share. Tests only.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "entente/base/random.h"
#include "entente/base/testing.h"
#include "entente/crypto/certificate.h"
#include "entente/net/connection.h"
#include "entente/net/event_loop.h"

namespace entente::net {

// Runs `loop` until something stops it; a test that nobody stops fails.
inline void RunUntilStopped(EventLoop& loop) {
  const Timer watchdog = loop.After(std::chrono::seconds(60), [&] {
    ADD_FAILURE() << "nothing stopped the loop";
    loop.Stop();
  });
  EXPECT_THAT(loop.Run(), IsOk());
}

// A node's key, certificate and fingerprint; another `name` is another key.
struct TestIdentity {
  explicit TestIdentity(const std::string& name)
      : identity(*crypto::MakeTlsIdentity(SeedOf(name), name, UtcTime(std::chrono::days(20000)))),
        spki_sha256(crypto::SpkiSha256(crypto::Ed25519Signer(SeedOf(name)).public_key())) {}

  static crypto::Seed SeedOf(const std::string& name) {
    crypto::Seed seed;
    const crypto::Digest digest = crypto::Sha256(AsBytes(name));
    std::copy(digest.bytes.begin(), digest.bytes.end(), seed.mutable_view().begin());
    return seed;
  }
  std::function<bool(const crypto::Digest&)> Pin() const {
    return [pin = spki_sha256](const crypto::Digest& spki) { return spki == pin; };
  }

  crypto::TlsIdentity identity;
  crypto::Digest spki_sha256;
};

// Owns a connection and keeps what it says.
class Recorder final : public ConnectionHandler {
 public:
  explicit Recorder(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {
    connection_->Start(*this);
  }

  void OnBytes(ByteView bytes) override {
    largest_chunk = std::max(largest_chunk, bytes.size());
    Append(received, bytes);
    if (on_bytes) {
      on_bytes();
    }
  }
  void OnWritable() override {
    ++writable_count;
    if (on_writable) {
      on_writable();
    }
  }
  void OnClosed(const Error& why) override {
    ++closed_count;
    closed.emplace_back(why);
    if (on_closed) {
      on_closed();
    }
  }

  Connection& connection() { return *connection_; }
  void Drop() { connection_.reset(); }

  Bytes received;
  std::size_t largest_chunk = 0;
  int writable_count = 0;
  int closed_count = 0;
  std::vector<Error> closed;
  std::function<void()> on_bytes;
  std::function<void()> on_writable;
  std::function<void()> on_closed;

 private:
  std::unique_ptr<Connection> connection_;
};

}  // namespace entente::net

// Makes a backup inside the running node: the store in slices between other work, the rest in the
// background. One at a time. Threads: the node's owner thread.
#pragma once

#include <memory>
#include <string>

#include "apps/entente/backup.h"
#include "entente/api/services.h"
#include "entente/base/background.h"
#include "entente/base/log.h"
#include "entente/net/event_loop.h"
#include "entente/store/sqlite/sqlite_backup.h"

namespace entente::app {

// The node does nothing else for so long, and then as long something else.
inline constexpr std::chrono::milliseconds kBackupSlice{20};

class NodeBackups final : public api::BackupService {
 public:
  // What the constructor is given must outlive the object, and the object every task in
  // `background`.
  NodeBackups(HomePaths home, const NodeKeys& keys, store::SqliteStore& store, net::EventLoop& loop,
              Background& background, const Clock& clock, Log& log)
      : home_(std::move(home)),
        keys_(keys),
        store_(store),
        loop_(loop),
        background_(background),
        clock_(clock),
        log_(log) {}

  Status Start(const std::string& folder) override;
  api::BackupStatus Get() const override { return status_; }

 private:
  void Copy();
  void Complete();
  void End(const Status& status);
  Status Seal(const BackupManifest& manifest);

  HomePaths home_;
  const NodeKeys& keys_;
  store::SqliteStore& store_;
  net::EventLoop& loop_;
  Background& background_;
  const Clock& clock_;
  Log& log_;
  api::BackupStatus status_;
  std::unique_ptr<store::SqliteBackup> copy_;
  net::Timer next_slice_;
};

}  // namespace entente::app

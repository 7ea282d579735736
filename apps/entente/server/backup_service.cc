#include "apps/entente/server/backup_service.h"

#include <utility>

#include "apps/entente/files.h"

namespace entente::app {

Status NodeBackups::Start(const std::string& folder) {
  if (!folder.starts_with('/')) {
    return Error{ErrorCode::kInvalidInput, "the folder of a backup is named by its absolute path"};
  }
  if (status_.state == api::BackupState::kCopying || status_.state == api::BackupState::kChecking) {
    return Error{ErrorCode::kConflict, "a backup is being made: wait until it is complete"};
  }
  ENTENTE_TRY(MakePrivateFolder(folder));
  ENTENTE_ASSIGN(copy_, store::SqliteBackup::Start(store_, folder + "/" + std::string(kStoreName)));
  status_ = {};
  status_.state = api::BackupState::kCopying;
  status_.folder = folder;
  next_slice_ = loop_.After(kBackupSlice, [this] { Copy(); });
  return {};
}

void NodeBackups::Copy() {
  const auto is_more = copy_->Step(kBackupSlice);
  if (!is_more) {
    return End(is_more.error());
  }
  status_.pages_done = copy_->pages_done();
  status_.pages_total = copy_->pages_total();
  if (!*is_more) {
    return Complete();
  }
  next_slice_ = loop_.After(kBackupSlice, [this] { Copy(); });
}

void NodeBackups::Complete() {
  copy_.reset();
  status_.state = api::BackupState::kChecking;
  auto manifest =
      std::make_shared<Result<BackupManifest>>(Error{ErrorCode::kInternal, "not begun"});
  const auto origin = std::make_shared<BackupOrigin>(
      BackupOrigin{home_, keys_.identity().signed_card, clock_.Now(), keys_.store_root()});
  background_.Run([origin, folder = status_.folder,
                   manifest] { *manifest = CompleteBackup(std::move(*origin), folder); },
                  [this, manifest] { End(*manifest ? Seal(**manifest) : manifest->error()); });
}

// The manifest comes last: a folder without one is no backup.
Status NodeBackups::Seal(const BackupManifest& manifest) {
  ENTENTE_ASSIGN(const Bytes sealed, SealManifest(manifest, *keys_.identity().message));
  return WritePrivateFile(status_.folder + "/" + std::string(kManifestName), sealed);
}

void NodeBackups::End(const Status& status) {
  copy_.reset();
  status_.state = status ? api::BackupState::kDone : api::BackupState::kFailed;
  if (!status) {
    status_.error = status.error().message;
    status_.error_code = status.error().code;
    log_.Write(Log::Level::kWarning, "backup.failed", {{"why", status_.error}});
  } else {
    log_.Write(Log::Level::kInfo, "backup.done", {{"pages", status_.pages_total}});
  }
}

}  // namespace entente::app

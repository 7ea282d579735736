// Imports of lists: files come in pieces over the API, are read on a worker, and appear at once.
//
// The pieces lie in files of the home that have no name any more (deleted right after opening), so
// a crash leaves nothing behind. Rows are staged in small transactions; the collection changes in
// one. A bad row fails the import unless it was asked to skip bad rows; a list without a good row
// always fails. A collection is replaced only on request, and never by a list of another origin.
// An upload that nobody continues for kIdleMax makes way when room is needed.
// Rejected rows lie in such a file, too, and go with the import: when its client drops it, or when
// nobody asked for kKeptMax. Memory of an import, whatever the list and its bad rows: the reader's
// (records/reader.h), one page of rows, the first kErrorsKept errors, and at most kRejectPieceBytes
// and one entry of rejected rows on the way to the file or the client. Threads: the loop thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "entente/api/services.h"
#include "entente/base/background.h"
#include "entente/base/log.h"
#include "entente/base/time.h"
#include "entente/records/reader.h"
#include "entente/store/store.h"

namespace entente::app {

inline constexpr std::size_t kImportsMax = 8;
inline constexpr std::chrono::minutes kIdleMax{1};
inline constexpr std::chrono::minutes kKeptMax{10};
inline constexpr std::size_t kErrorsKept = 20;
inline constexpr std::size_t kRejectPieceBytes = std::size_t{2} << 20U;
inline constexpr std::size_t kImportPageRows = 2000;

class Importer final : public api::ImportService {
 public:
  // `folder` is where the pieces lie. All references must outlive the object.
  Importer(store::Store& store, Background& background, const Clock& clock, Log& log,
           std::string folder);
  ~Importer() override;

  Result<std::uint64_t> Begin(const api::ImportRequest& request) override;
  Result<std::uint64_t> Receive(std::uint64_t import, const std::string& part, std::uint64_t offset,
                                ByteView bytes) override;
  Status Finish(std::uint64_t import) override;
  Result<api::ImportStatus> Get(std::uint64_t import) const override;
  Result<Bytes> Rejects(std::uint64_t import, std::uint64_t offset) const override;
  Status Cancel(std::uint64_t import) override;

  // Forgets imports nobody asked about for kKeptMax. Call now and then.
  void Sweep() { ForgetIdle(kKeptMax); }

 private:
  struct Job;
  struct Page;
  Result<Job*> Find(std::uint64_t import) const;
  void MakeRoom();
  void ForgetIdle(std::chrono::minutes idle);
  Status Open(Job& job);
  static Status FillPage(Job& job, Page& page);
  static Status ReadRows(Job& job, Page& page, Bytes& rejects);
  void ReadPage(const std::shared_ptr<Job>& job);
  void TakePage(const std::shared_ptr<Job>& job, Page& page);
  Status Store(Job& job, Page& page);
  Status Activate(Job& job);
  void End(Job& job, const Status& status);

  store::Store& store_;
  Background& background_;
  const Clock& clock_;
  Log& log_;
  std::string folder_;
  std::uint64_t next_ = 1;
  std::map<std::uint64_t, std::shared_ptr<Job>> jobs_;
};

}  // namespace entente::app

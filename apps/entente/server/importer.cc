#include "apps/entente/server/importer.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>
#include <variant>

#include <fcntl.h>
#include <unistd.h>

namespace entente::app {
namespace {

constexpr std::array<const char*, 3> kParts{"main", "alt", "add"};

// A file without a name.
class PieceFile {
 public:
  static Result<PieceFile> Create(const std::string& folder) {
    std::string path = folder + "/import-XXXXXX";
    const int descriptor = mkostemp(path.data(), O_CLOEXEC);
    if (descriptor < 0) {
      return Error{ErrorCode::kUnavailable, folder + ": " + std::generic_category().message(errno)};
    }
    unlink(path.c_str());
    return PieceFile(descriptor);
  }
  PieceFile(PieceFile&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_) {}
  PieceFile& operator=(PieceFile&&) = delete;
  ~PieceFile() {
    if (descriptor_ >= 0) {
      close(descriptor_);
    }
  }

  std::uint64_t size() const { return size_; }

  Status Append(ByteView bytes) {
    for (std::size_t at = 0; at < bytes.size();) {
      const ssize_t written =
          pwrite(descriptor_, bytes.data() + at, bytes.size() - at, static_cast<off_t>(size_));
      if (written < 0) {
        return Error{ErrorCode::kUnavailable, "the list's bytes cannot be stored: " +
                                                  std::generic_category().message(errno)};
      }
      at += static_cast<std::size_t>(written);
      size_ += static_cast<std::uint64_t>(written);
    }
    return {};
  }

  Result<std::size_t> Read(std::uint64_t offset, std::span<std::uint8_t> out) const {
    const ssize_t got = pread(descriptor_, out.data(), out.size(), static_cast<off_t>(offset));
    if (got < 0) {
      return Error{ErrorCode::kUnavailable,
                   "the list's bytes cannot be read: " + std::generic_category().message(errno)};
    }
    return static_cast<std::size_t>(got);
  }

 private:
  explicit PieceFile(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
  std::uint64_t size_ = 0;
};

class PieceSource final : public records::ByteSource {
 public:
  explicit PieceSource(std::shared_ptr<PieceFile> file) : file_(std::move(file)) {}
  Result<std::size_t> Read(std::span<std::uint8_t> out) override {
    ENTENTE_ASSIGN(const std::size_t got, file_->Read(offset_, out));
    offset_ += got;
    return got;
  }

 private:
  std::shared_ptr<PieceFile> file_;
  std::uint64_t offset_ = 0;
};

// What of an import is going on.
bool IsOver(const api::ImportStatus& status) {
  return status.state == api::ImportState::kDone || status.state == api::ImportState::kFailed;
}

// What the collection holds now, if anything. Errors: kConflict if it may not be replaced.
Result<std::optional<store::Collection>> FindReplaceable(const store::Reader& reader,
                                                         const api::ImportRequest& request) {
  ENTENTE_ASSIGN(auto present, reader.GetCollection(request.collection));
  if (present && present->origin != request.origin) {
    return Error{ErrorCode::kConflict,
                 "collection " + request.collection + " is of origin " +
                     std::string(store::OriginName(present->origin)) +
                     " and keeps it: use another --collection, or remove it first with "
                     "`entente list remove`"};
  }
  if (present && !request.replace) {
    return Error{ErrorCode::kConflict, "collection " + request.collection + " exists with " +
                                           std::to_string(present->record_count) +
                                           " records; use --replace or another --collection"};
  }
  return present;
}

}  // namespace

struct Importer::Job {
  std::uint64_t number = 0;
  api::ImportRequest request;
  api::ImportStatus status;
  std::map<std::string, std::shared_ptr<PieceFile>> parts;
  std::optional<records::CsvMapping> mapping;
  std::unique_ptr<records::RecordReader> reader;
  store::ImportId staged = 0;
  std::uint64_t next_record = 1;
  std::optional<PieceFile> rejects;  // the worker's while the import is being read
  UtcTime touched;                   // when its client was last seen
  bool is_cancelled = false;
};

// What one visit to the worker brings back.
struct Importer::Page {
  std::vector<records::Record> records;
  std::vector<records::RowError> errors;  // without the entries, which are in the reject file
  std::uint64_t too_long = 0;             // entries that are not
  bool is_end = false;
  Status status;
};

Importer::Importer(store::Store& store, Background& background, const Clock& clock, Log& log,
                   std::string folder)
    : store_(store),
      background_(background),
      clock_(clock),
      log_(log),
      folder_(std::move(folder)) {}

Importer::~Importer() = default;

Result<Importer::Job*> Importer::Find(std::uint64_t import) const {
  const auto found = jobs_.find(import);
  if (found == jobs_.end()) {
    return Error{ErrorCode::kNotFound, "no such import; it may have been cancelled"};
  }
  return found->second.get();
}

// Forgets imports that are over, and uploads and rejected rows that nobody takes further.
void Importer::MakeRoom() {
  if (jobs_.size() < kImportsMax) {
    return;
  }
  std::erase_if(jobs_, [](const auto& entry) {
    return IsOver(entry.second->status) && !entry.second->rejects;
  });
  ForgetIdle(kIdleMax);
}

void Importer::ForgetIdle(std::chrono::minutes idle) {
  std::erase_if(jobs_, [&](const auto& entry) {
    return entry.second->status.state != api::ImportState::kReading &&
           clock_.Now() - entry.second->touched >= idle;
  });
}

Result<std::uint64_t> Importer::Begin(const api::ImportRequest& request) {
  ENTENTE_TRY(store::ValidateCollectionName(request.collection));
  const Status may_begin = store_.Read([&](const store::Reader& reader) -> Status {
    ENTENTE_TRY(FindReplaceable(reader, request));
    return {};
  });
  ENTENTE_TRY(may_begin);
  MakeRoom();
  if (jobs_.size() >= kImportsMax) {
    return Error{ErrorCode::kLimitExceeded,
                 std::to_string(kImportsMax) +
                     " imports run already, or have bad rows to be fetched: wait a minute"};
  }
  auto job = std::make_shared<Job>();
  job->number = next_++;
  job->request = request;
  job->touched = clock_.Now();
  if (!request.format.empty()) {
    ENTENTE_TRY(records::ParseFormat(request.format));
  }
  if (!request.mapping.empty()) {
    ENTENTE_ASSIGN(job->mapping, records::CsvMapping::Parse(request.mapping));
  }
  for (const char* const part : kParts) {
    const std::string& name = part == std::string_view("main")  ? request.main
                              : part == std::string_view("alt") ? request.alt
                                                                : request.add;
    if (!name.empty()) {
      ENTENTE_ASSIGN(PieceFile file, PieceFile::Create(folder_));
      job->parts.emplace(part, std::make_shared<PieceFile>(std::move(file)));
    }
  }
  if (!job->parts.contains("main")) {
    return Error{ErrorCode::kInvalidInput, "files.main is missing: name the list's file"};
  }
  jobs_.emplace(job->number, job);
  return job->number;
}

Result<std::uint64_t> Importer::Receive(std::uint64_t import, const std::string& part,
                                        std::uint64_t offset, ByteView bytes) {
  ENTENTE_ASSIGN(Job* const job, Find(import));
  const auto file = job->parts.find(part);
  if (file == job->parts.end()) {
    return Error{ErrorCode::kNotFound, "the import has no part \"" + part + "\""};
  }
  if (job->status.state != api::ImportState::kReceiving || offset != file->second->size()) {
    return Error{ErrorCode::kConflict, "send the piece at offset " +
                                           std::to_string(file->second->size()) +
                                           " while the import is receiving"};
  }
  job->touched = clock_.Now();
  ENTENTE_TRY(file->second->Append(bytes));
  return file->second->size();
}

Status Importer::Open(Job& job) {
  const auto input = [&](const char* part, const std::string& name) {
    records::ReaderInput out{name};
    if (const auto file = job.parts.find(part); file != job.parts.end()) {
      out.source = std::make_unique<PieceSource>(file->second);
    }
    return out;
  };
  std::optional<records::Format> format;
  if (!job.request.format.empty()) {
    ENTENTE_ASSIGN(format, records::ParseFormat(job.request.format));
  }
  ENTENTE_ASSIGN(job.reader,
                 records::OpenReader(format,
                                     {input("main", job.request.main),
                                      input("alt", job.request.alt), input("add", job.request.add)},
                                     job.mapping ? &*job.mapping : nullptr));
  ENTENTE_ASSIGN(PieceFile rejects, PieceFile::Create(folder_));
  job.rejects.emplace(std::move(rejects));
  return store_.Write([&](store::Transaction& transaction) -> Status {
    ENTENTE_ASSIGN(job.staged, transaction.BeginImport(job.request.collection, job.request.origin));
    return {};
  });
}

Status Importer::Finish(std::uint64_t import) {
  ENTENTE_ASSIGN(Job* const job, Find(import));
  if (job->status.state != api::ImportState::kReceiving) {
    return Error{ErrorCode::kConflict, "the import was finished before"};
  }
  job->status.bytes_total = job->parts.at("main")->size();
  if (Status status = Open(*job); !status) {
    End(*job, status);
    return status;
  }
  job->status.state = api::ImportState::kReading;
  ReadPage(jobs_.at(import));
  return {};
}

void Importer::ReadPage(const std::shared_ptr<Job>& job) {
  auto page = std::make_shared<Page>();
  background_.Run([job, page] { page->status = FillPage(*job, *page); },
                  [this, job, page] { TakePage(job, *page); });
}

// On a worker. The bad rows before an error are kept too.
Status Importer::FillPage(Job& job, Page& page) {
  Bytes rejects;
  Status filled = ReadRows(job, page, rejects);
  Status kept = job.rejects ? job.rejects->Append(rejects) : Status();
  return filled ? std::move(kept) : std::move(filled);
}

// `rejects` are bad rows that are not in the file yet.
Status Importer::ReadRows(Job& job, Page& page, Bytes& rejects) {
  if (!job.rejects) {
    return Error{ErrorCode::kInternal, "an import has no file for its bad rows"};
  }
  PieceFile& file = *job.rejects;
  while (page.records.size() + page.errors.size() < kImportPageRows) {
    ENTENTE_ASSIGN(auto event, job.reader->Next());
    if (!event) {
      page.is_end = true;
      return {};
    }
    if (auto* const record = std::get_if<records::Record>(&*event)) {
      page.records.push_back(std::move(*record));
      continue;
    }
    auto& error = std::get<records::RowError>(*event);
    const std::string raw = std::exchange(error.raw, {});
    page.errors.push_back(std::move(error));
    if (raw.empty()) {
      ++page.too_long;
      continue;
    }
    const std::string_view header = job.reader->reject_header();
    if (file.size() == 0 && rejects.empty() && !header.empty()) {
      Append(rejects, AsBytes(std::string(header) + "\n"));
    }
    Append(rejects, AsBytes(raw + "\n"));
    if (rejects.size() >= kRejectPieceBytes) {
      ENTENTE_TRY(file.Append(std::exchange(rejects, {})));
    }
  }
  return {};
}

void Importer::TakePage(const std::shared_ptr<Job>& job, Page& page) {
  if (job->is_cancelled) {
    End(*job, Error{ErrorCode::kConflict, "cancelled"});
    jobs_.erase(job->number);
    return;
  }
  job->status.bytes = job->reader->bytes_read();
  job->status.skipped = job->reader->skipped_count();
  job->status.rejected += page.errors.size();
  job->status.rejects_left_out += page.too_long;
  for (const records::RowError& error : page.errors) {
    if (job->status.errors.size() < kErrorsKept) {
      job->status.errors.push_back({error.file, error.line, error.column, error.reason});
    }
  }
  if (Status status = page.status ? Store(*job, page) : page.status; !status) {
    return End(*job, status);
  }
  if (!page.is_end) {
    return ReadPage(job);
  }
  End(*job, Activate(*job));
}

Status Importer::Activate(Job& job) {
  const api::ImportStatus& status = job.status;
  if (status.rejected > 0 && !job.request.skip_bad) {
    return Error{ErrorCode::kInvalidInput,
                 std::to_string(status.rejected) +
                     (status.rejected == 1 ? " bad row" : " bad rows") +
                     ", nothing was imported; mend the list, or give --skip-bad"};
  }
  if (status.records == 0) {
    return Error{ErrorCode::kInvalidInput,
                 "the list has no good row that is a person, nothing was imported; look at its "
                 "format and columns"};
  }
  return store_.Write([&](store::Transaction& transaction) -> Status {
    ENTENTE_ASSIGN(const auto present, FindReplaceable(transaction, job.request));
    ENTENTE_ASSIGN(job.status.collection, transaction.ActivateImport(job.staged, clock_.Now()));
    if (present) {
      job.status.replaced = present->record_count;
    }
    return {};
  });
}

Status Importer::Store(Job& job, Page& page) {
  std::vector<store::RecordRow> rows;
  rows.reserve(page.records.size());
  for (const records::Record& record : page.records) {
    rows.push_back({job.next_record++, record.id, records::Encode(record)});
  }
  ENTENTE_TRY(store_.Write([&](store::Transaction& transaction) {
    return transaction.AppendRecords(job.staged, rows);
  }));
  job.status.records += rows.size();
  return {};
}

void Importer::End(Job& job, const Status& status) {
  job.parts.clear();
  job.reader.reset();
  job.touched = clock_.Now();
  if (job.rejects && job.rejects->size() == 0) {
    job.rejects.reset();
  }
  job.status.state = status ? api::ImportState::kDone : api::ImportState::kFailed;
  if (!status) {
    job.status.error = status.error().message;
    job.status.error_code = status.error().code;
    if (job.staged != 0) {
      const Status dropped = store_.Write(
          [&](store::Transaction& transaction) { return transaction.DropImport(job.staged); });
      static_cast<void>(dropped);  // what stays staged is dropped when the store opens
    }
  }
  log_.Write(status ? Log::Level::kInfo : Log::Level::kWarning, "import.ended",
             {{"collection", job.request.collection},
              {"records", job.status.records},
              {"rejected", job.status.rejected},
              {"outcome", status ? "done" : "failed"}});
}

Result<api::ImportStatus> Importer::Get(std::uint64_t import) const {
  ENTENTE_ASSIGN(Job* const job, Find(import));
  job->touched = clock_.Now();
  return job->status;
}

Result<Bytes> Importer::Rejects(std::uint64_t import, std::uint64_t offset) const {
  ENTENTE_ASSIGN(Job* const job, Find(import));
  if (!IsOver(job->status)) {
    return Error{ErrorCode::kConflict, "the import is not over: fetch its bad rows at the end"};
  }
  job->touched = clock_.Now();
  if (!job->rejects || offset >= job->rejects->size()) {
    return Bytes{};
  }
  Bytes piece(std::min<std::uint64_t>(kRejectPieceBytes, job->rejects->size() - offset));
  ENTENTE_ASSIGN(const std::size_t got, job->rejects->Read(offset, piece));
  piece.resize(got);
  return piece;
}

Status Importer::Cancel(std::uint64_t import) {
  ENTENTE_ASSIGN(Job* const job, Find(import));
  job->is_cancelled = true;
  if (job->status.state != api::ImportState::kReading) {
    jobs_.erase(import);
  }
  return {};
}

}  // namespace entente::app

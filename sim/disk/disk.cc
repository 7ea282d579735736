#include "sim/disk/disk.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <numeric>
#include <utility>

#include <sqlite3.h>

#include "entente/base/check.h"

namespace entente::sim {
namespace {

constexpr std::uint64_t kSector = 512;
constexpr int kNameBytesMax = 512;

}  // namespace

struct Disk::Registration {
  std::string name;
  sqlite3_vfs vfs{};
};

// SQLite's side: C functions over a Disk.
struct DiskVfs {
  using File = Disk::File;

  struct Handle {
    sqlite3_file base;  // first, as SQLite wants it
    Disk* disk;
    std::shared_ptr<File> file;
  };

  static Disk& DiskOf(sqlite3_vfs* vfs) { return *static_cast<Disk*>(vfs->pAppData); }
  static Handle& HandleOf(sqlite3_file* file) { return *reinterpret_cast<Handle*>(file); }

  static int Close(sqlite3_file* file) {
    HandleOf(file).~Handle();
    return SQLITE_OK;
  }
  static int Read(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
    Handle& handle = HandleOf(file);
    if (const int result = handle.disk->BeforeRead(); result != SQLITE_OK) {
      return SQLITE_IOERR_READ;
    }
    const Bytes& bytes = handle.file->now;
    const auto begin = std::min<std::size_t>(static_cast<std::size_t>(offset), bytes.size());
    const auto there = std::min<std::size_t>(static_cast<std::size_t>(size), bytes.size() - begin);
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(begin), there,
                static_cast<std::uint8_t*>(to));
    if (there == static_cast<std::size_t>(size)) {
      return SQLITE_OK;
    }
    std::memset(static_cast<char*>(to) + there, 0, static_cast<std::size_t>(size) - there);
    return SQLITE_IOERR_SHORT_READ;
  }
  static int Write(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
    Handle& handle = HandleOf(file);
    return handle.disk->WriteAt(
        *handle.file, static_cast<std::uint64_t>(offset),
        ByteView(static_cast<const std::uint8_t*>(from), static_cast<std::size_t>(size)));
  }
  static int Truncate(sqlite3_file* file, sqlite3_int64 size) {
    Handle& handle = HandleOf(file);
    if (const int result = handle.disk->BeforeChange(); result != SQLITE_OK) {
      return SQLITE_IOERR_TRUNCATE;
    }
    const auto end = static_cast<std::uint64_t>(size);
    for (std::uint64_t at = end / kSector; at * kSector < handle.file->now.size(); ++at) {
      handle.file->dirty.insert(at);
    }
    handle.file->now.resize(end);
    return SQLITE_OK;
  }
  static int Sync(sqlite3_file* file, int /*flags*/) {
    return HandleOf(file).disk->Sync(*HandleOf(file).file);
  }
  static int FileSize(sqlite3_file* file, sqlite3_int64* size) {
    if (HandleOf(file).disk->BeforeRead() != SQLITE_OK) {
      return SQLITE_IOERR_FSTAT;
    }
    *size = static_cast<sqlite3_int64>(HandleOf(file).file->now.size());
    return SQLITE_OK;
  }
  static int Lock(sqlite3_file* /*file*/, int /*level*/) { return SQLITE_OK; }
  static int CheckReservedLock(sqlite3_file* /*file*/, int* is_reserved) {
    *is_reserved = 0;
    return SQLITE_OK;
  }
  static int FileControl(sqlite3_file* /*file*/, int /*what*/, void* /*argument*/) {
    return SQLITE_NOTFOUND;
  }
  static int SectorSize(sqlite3_file* /*file*/) { return kSector; }
  static int Characteristics(sqlite3_file* /*file*/) { return 0; }

  static const sqlite3_io_methods* Methods() {
    static const sqlite3_io_methods methods = [] {
      sqlite3_io_methods m{};
      m.iVersion = 1;  // no shared memory: an exclusive connection needs none
      m.xClose = Close;
      m.xRead = Read;
      m.xWrite = Write;
      m.xTruncate = Truncate;
      m.xSync = Sync;
      m.xFileSize = FileSize;
      m.xLock = Lock;
      m.xUnlock = Lock;
      m.xCheckReservedLock = CheckReservedLock;
      m.xFileControl = FileControl;
      m.xSectorSize = SectorSize;
      m.xDeviceCharacteristics = Characteristics;
      return m;
    }();
    return &methods;
  }

  static int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* out, int flags,
                  int* out_flags) {
    out->pMethods = nullptr;
    Disk& disk = DiskOf(vfs);
    if (disk.BeforeRead() != SQLITE_OK) {
      return SQLITE_CANTOPEN;
    }
    std::shared_ptr<File> file;
    if (name == nullptr) {
      file = std::make_shared<File>();  // a temporary one
    } else if (const auto found = disk.files_.find(name); found != disk.files_.end()) {
      file = found->second;
    } else if ((flags & SQLITE_OPEN_CREATE) != 0) {
      file = std::make_shared<File>();
      disk.files_[name] = file;
    } else {
      return SQLITE_CANTOPEN;
    }
    new (out) Handle{{Methods()}, &disk, std::move(file)};
    if (out_flags != nullptr) {
      *out_flags = flags;
    }
    return SQLITE_OK;
  }
  static int Delete(sqlite3_vfs* vfs, const char* name, int is_directory_synced) {
    Disk& disk = DiskOf(vfs);
    if (const int result = disk.BeforeChange(); result != SQLITE_OK) {
      return SQLITE_IOERR_DELETE;
    }
    const auto found = disk.files_.find(name);
    if (found == disk.files_.end()) {
      return SQLITE_IOERR_DELETE_NOENT;
    }
    if (is_directory_synced == 0 && found->second->is_durable) {
      disk.deleted_[name] = found->second;
    }
    disk.files_.erase(found);
    return SQLITE_OK;
  }
  static int Access(sqlite3_vfs* vfs, const char* name, int /*flags*/, int* is_there) {
    *is_there = DiskOf(vfs).files_.contains(name) ? 1 : 0;
    return SQLITE_OK;
  }
  static int FullPathname(sqlite3_vfs* /*vfs*/, const char* name, int size, char* out) {
    sqlite3_snprintf(size, out, "%s", name);
    return SQLITE_OK;
  }
  static int Randomness(sqlite3_vfs* vfs, int size, char* out) {
    DiskOf(vfs).random_.Fill(
        {reinterpret_cast<std::uint8_t*>(out), static_cast<std::size_t>(size)});
    return size;
  }
  static int Sleep(sqlite3_vfs* /*vfs*/, int microseconds) { return microseconds; }
  static int CurrentTime(sqlite3_vfs* /*vfs*/, sqlite3_int64* out) {
    constexpr sqlite3_int64 kSomeDay = 212'000'000'000'000;  // milliseconds since the Julian epoch
    *out = kSomeDay;
    return SQLITE_OK;
  }
};

Disk::Disk(const std::string& name, std::uint64_t seed)
    : registration_(std::make_unique<Registration>()), random_(seed) {
  registration_->name = name;
  sqlite3_vfs& vfs = registration_->vfs;
  vfs.iVersion = 2;
  vfs.szOsFile = sizeof(DiskVfs::Handle);
  vfs.mxPathname = kNameBytesMax;
  vfs.zName = registration_->name.c_str();
  vfs.pAppData = this;
  vfs.xOpen = DiskVfs::Open;
  vfs.xDelete = DiskVfs::Delete;
  vfs.xAccess = DiskVfs::Access;
  vfs.xFullPathname = DiskVfs::FullPathname;
  vfs.xRandomness = DiskVfs::Randomness;
  vfs.xSleep = DiskVfs::Sleep;
  vfs.xCurrentTimeInt64 = DiskVfs::CurrentTime;
  ENTENTE_CHECK(sqlite3_vfs_find(vfs.zName) == nullptr);
  ENTENTE_CHECK(sqlite3_vfs_register(&vfs, 0) == SQLITE_OK);
  // SQLite draws the salts of a WAL from a generator of the whole process.
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, static_cast<int>(random_.Next() >> 34U) | 1,
                       nullptr);
}

Disk::~Disk() { sqlite3_vfs_unregister(&registration_->vfs); }

const std::string& Disk::name() const { return registration_->name; }

bool Disk::Chance(std::uint64_t per_million) {
  return per_million > 0 && random_.Next() % 1'000'000 < per_million;
}

void Disk::DieAfter(std::uint64_t count, std::function<void()> on_death) {
  deaths_after_ = operations_ + count;
  on_death_ = std::move(on_death);
}

void Disk::Die() {
  is_dead_ = true;
  deaths_after_.reset();
  on_death_ = nullptr;
}

int Disk::BeforeRead() {
  return is_dead_ || Chance(errors_per_million_) ? SQLITE_IOERR : SQLITE_OK;
}

int Disk::BeforeChange() {
  if (!is_dead_ && deaths_after_ && operations_ >= *deaths_after_) {
    const std::function<void()> on_death = std::move(on_death_);
    Die();
    if (on_death) {
      on_death();
    }
  }
  ++operations_;
  return BeforeRead();
}

int Disk::WriteAt(File& file, std::uint64_t offset, ByteView bytes) {
  if (BeforeChange() != SQLITE_OK) {
    return SQLITE_IOERR_WRITE;
  }
  const std::uint64_t end = offset + bytes.size();
  if (size_bytes_max_ && end > file.now.size() &&
      size_bytes() + end - file.now.size() > *size_bytes_max_) {
    return SQLITE_FULL;
  }
  if (end > file.now.size()) {
    file.now.resize(end);
  }
  std::copy(bytes.begin(), bytes.end(), file.now.begin() + static_cast<std::ptrdiff_t>(offset));
  for (std::uint64_t at = offset / kSector; at * kSector < end; ++at) {
    file.dirty.insert(at);
  }
  return SQLITE_OK;
}

int Disk::Sync(File& file) {
  if (BeforeChange() != SQLITE_OK) {
    return SQLITE_IOERR_FSYNC;
  }
  ++syncs_;
  if (lies_) {
    return SQLITE_OK;
  }
  file.durable.resize(file.now.size());
  for (const std::uint64_t at : file.dirty) {
    const std::uint64_t begin = at * kSector;
    const std::uint64_t end = std::min<std::uint64_t>(begin + kSector, file.now.size());
    if (begin < end) {
      std::copy(file.now.begin() + static_cast<std::ptrdiff_t>(begin),
                file.now.begin() + static_cast<std::ptrdiff_t>(end),
                file.durable.begin() + static_cast<std::ptrdiff_t>(begin));
    }
  }
  file.dirty.clear();
  if (!file.is_durable) {  // SQLite syncs the directory with the first sync of a new file
    file.is_durable = true;
    deleted_.clear();
  }
  return SQLITE_OK;
}

void Disk::CutPower(File& file) {
  Bytes after = file.durable;
  for (const std::uint64_t at : file.dirty) {
    const std::uint64_t begin = at * kSector;
    std::uint64_t end = std::min<std::uint64_t>(begin + kSector, file.now.size());
    const std::uint64_t fate = random_.Next() % 3;
    if (fate == 0 || begin >= end) {
      continue;  // lost
    }
    if (fate == 1) {
      end = begin + random_.Next() % (end - begin + 1);  // torn
    }
    if (end > after.size()) {
      after.resize(end);
    }
    std::copy(file.now.begin() + static_cast<std::ptrdiff_t>(begin),
              file.now.begin() + static_cast<std::ptrdiff_t>(end),
              after.begin() + static_cast<std::ptrdiff_t>(begin));
  }
  file.now = after;
  file.durable = std::move(after);
  file.dirty.clear();
}

void Disk::PowerOn() {
  for (auto& [name, file] : deleted_) {
    if (!files_.contains(name) && Chance(500'000)) {
      files_[name] = file;
    }
  }
  deleted_.clear();
  for (auto at = files_.begin(); at != files_.end();) {
    CutPower(*at->second);
    const bool is_gone = !at->second->is_durable && at->second->now.empty();
    at = is_gone ? files_.erase(at) : std::next(at);
  }
  Restart();
}

void Disk::Restart() {
  is_dead_ = false;
  deaths_after_.reset();
  on_death_ = nullptr;
}

std::uint64_t Disk::size_bytes() const {
  return std::accumulate(
      files_.begin(), files_.end(), std::uint64_t{0},
      [](std::uint64_t sum, const auto& file) { return sum + file.second->now.size(); });
}

Disk::Files Disk::Copy() const {
  Files files;
  for (const auto& [name, file] : files_) {
    files[name] = file->now;
  }
  return files;
}

void Disk::PutBack(const Files& files) {
  files_.clear();
  deleted_.clear();
  for (const auto& [name, bytes] : files) {
    files_[name] = std::make_shared<File>(File{bytes, bytes, true, {}});
  }
}

Bytes Disk::Contents() const {
  Bytes all;
  for (const auto& [name, file] : files_) {
    Append(all, file->now);
  }
  return all;
}

}  // namespace entente::sim

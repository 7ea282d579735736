// A disk that exists in memory, as a SQLite VFS: it forgets what was not synced.
//
// Model. A file has a volatile image, which every operation sees, and a durable one. A write
// changes sectors of 512 bytes of the volatile image; xSync makes a file's bytes and size durable.
// When the power is cut each sector that was written since then is, independently, kept, lost, or
// torn (a beginning of it is kept), so writes are lost, reordered and torn at once; a file grows as
// far as the last sector that was kept; a file that was deleted without a directory sync may come
// back. A killed process loses nothing: the volatile image stays. Sources: SQLite's "Atomic
// Commit", §2 and §4, and its xDeviceCharacteristics, of which this disk promises none. Faults: a
// full disk, failing operations, a disk that lies about xSync. Locks are not kept: the store holds
// its file exclusively (store/sqlite/database.h). Determinism: all chance, SQLite's own too, comes
// from the seed. Threads: one.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "entente/base/bytes.h"
#include "entente/base/random.h"

namespace entente::sim {

class Disk {
 public:
  // Registers itself with SQLite as the VFS `name`, which must be free.
  Disk(const std::string& name, std::uint64_t seed);
  // Requires that every connection to it is closed.
  ~Disk();
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  const std::string& name() const;

  // From the operation after `count` further ones that change something, everything fails until
  // PowerOn or Restart; `on_death` is called once, from inside that operation.
  void DieAfter(std::uint64_t count, std::function<void()> on_death);
  // At once.
  void Die();
  bool is_dead() const { return is_dead_; }
  // After a power cut: what was not synced is lost, reordered, torn. No connection may be open.
  void PowerOn();
  // After the process was killed: the machine went on.
  void Restart();

  // No file may grow when all together would have more bytes. Nothing: no limit.
  void set_size_bytes_max(std::optional<std::uint64_t> limit) { size_bytes_max_ = limit; }
  // Every so many of a million operations fail with an I/O error.
  void set_errors_per_million(std::uint64_t rate) { errors_per_million_ = rate; }
  // xSync succeeds and does nothing: the positive control of every power-cut test.
  void set_lies(bool lies) { lies_ = lies; }

  bool is_sound() const { return !size_bytes_max_ && errors_per_million_ == 0; }

  // Operations that changed something, since the beginning.
  std::uint64_t operations() const { return operations_; }
  std::uint64_t syncs() const { return syncs_; }
  std::uint64_t size_bytes() const;
  // All bytes that can be read of all files now.
  Bytes Contents() const;
  // A copy of every file as it can be read now, and the disk with nothing but such a copy on it,
  // synced. No connection may be open when it is put back.
  using Files = std::map<std::string, Bytes>;
  Files Copy() const;
  void PutBack(const Files& files);

 private:
  friend struct DiskVfs;
  struct File {
    Bytes now;
    Bytes durable;
    bool is_durable = false;        // its name is
    std::set<std::uint64_t> dirty;  // sectors
  };

  // What comes before an operation. A SQLite result code, SQLITE_OK if it may go on.
  int BeforeChange();
  int BeforeRead();
  int WriteAt(File& file, std::uint64_t offset, ByteView bytes);
  int Sync(File& file);
  void CutPower(File& file);
  bool Chance(std::uint64_t per_million);

  struct Registration;
  std::unique_ptr<Registration> registration_;
  SeededRandomForTests random_;
  std::map<std::string, std::shared_ptr<File>> files_;
  std::map<std::string, std::shared_ptr<File>> deleted_;  // may come back
  std::optional<std::uint64_t> deaths_after_;
  std::function<void()> on_death_;
  bool is_dead_ = false;
  std::optional<std::uint64_t> size_bytes_max_;
  std::uint64_t errors_per_million_ = 0;
  bool lies_ = false;
  std::uint64_t operations_ = 0;
  std::uint64_t syncs_ = 0;
};

}  // namespace entente::sim

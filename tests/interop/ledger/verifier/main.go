// Verifies an exported ledger with the Go checksum database's own packages, which know nothing of
// Entente: golang.org/x/mod/sumdb/note and .../tlog. Usage: verifier DIR LOG-VKEY WITNESS-VKEY.
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight         = 8
	typeCosignature    = 4
	cosignatureBytes   = 8 + ed25519.SignatureSize
	cosignatureMessage = "cosignature/v1\ntime %d\n%s"
)

// cosigner is a note.Verifier for C2SP cosignature/v1, which x/mod does not have.
type cosigner struct {
	name string
	id   uint32
	key  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.id }
func (c cosigner) Verify(text, signature []byte) bool {
	if len(signature) != cosignatureBytes {
		return false
	}
	time := binary.BigEndian.Uint64(signature)
	message := fmt.Sprintf(cosignatureMessage, time, text)
	return ed25519.Verify(c.key, []byte(message), signature[8:])
}

func newCosigner(vkey string) (note.Verifier, error) {
	fields := strings.SplitN(vkey, "+", 3)
	if len(fields) != 3 {
		return nil, errors.New("the witness vkey has no three fields")
	}
	key, err := base64.StdEncoding.DecodeString(fields[2])
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != typeCosignature {
		return nil, errors.New("the witness vkey is not of type 04")
	}
	hash := sha256.Sum256(append([]byte(fields[0]+"\n"), key...))
	return cosigner{fields[0], binary.BigEndian.Uint32(hash[:]), key[1:]}, nil
}

// directory is a tlog.TileReader over the exported files.
type directory string

func (d directory) Height() int                         { return tileHeight }
func (d directory) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (d directory) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(string(d), path))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

// openCheckpoint wants the log's and the witness's signature.
func openCheckpoint(d directory, logKey, witnessKey string) (tlog.Tree, error) {
	logVerifier, err := note.NewVerifier(logKey)
	if err != nil {
		return tlog.Tree{}, err
	}
	witness, err := newCosigner(witnessKey)
	if err != nil {
		return tlog.Tree{}, err
	}
	data, err := os.ReadFile(filepath.Join(string(d), "checkpoint"))
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open(data, note.VerifierList(logVerifier, witness))
	if err != nil {
		return tlog.Tree{}, err
	}
	if len(opened.Sigs) != 2 {
		return tlog.Tree{}, fmt.Errorf("%d valid signatures instead of 2", len(opened.Sigs))
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != logVerifier.Name() {
		return tlog.Tree{}, errors.New("the checkpoint is not three lines of this log")
	}
	var tree tlog.Tree
	if _, err := fmt.Sscanf(lines[1], "%d", &tree.N); err != nil {
		return tlog.Tree{}, err
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

// checkEntries compares every entry with the level-0 hash that x/mod authenticated from the root.
func checkEntries(d directory, tree tlog.Tree) error {
	hashes := tlog.TileHashReader(tree, d)
	for first := int64(0); first < tree.N; first += 1 << tileHeight {
		width := min(tree.N-first, 1<<tileHeight)
		tile := tlog.Tile{H: tileHeight, L: 0, N: first >> tileHeight, W: int(width)}
		path := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
		bundle, err := os.ReadFile(filepath.Join(string(d), path))
		if err != nil {
			return err
		}
		var indexes []int64
		for i := int64(0); i < width; i++ {
			indexes = append(indexes, tlog.StoredHashIndex(0, first+i))
		}
		want, err := hashes.ReadHashes(indexes)
		if err != nil {
			return err
		}
		for i := int64(0); i < width; i++ {
			if len(bundle) < 2 || len(bundle)-2 < int(binary.BigEndian.Uint16(bundle)) {
				return fmt.Errorf("%s: entry %d is cut short", path, first+i)
			}
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			if tlog.RecordHash(bundle[2:end]) != want[i] {
				return fmt.Errorf("%s: entry %d has another hash", path, first+i)
			}
			bundle = bundle[end:]
		}
		if len(bundle) != 0 {
			return fmt.Errorf("%s: bytes follow the last entry", path)
		}
	}
	return nil
}

func min(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}

func run(arguments []string) error {
	if len(arguments) != 3 {
		return errors.New("usage: verifier DIR LOG-VKEY WITNESS-VKEY")
	}
	d := directory(arguments[0])
	tree, err := openCheckpoint(d, arguments[1], arguments[2])
	if err != nil {
		return err
	}
	if err := checkEntries(d, tree); err != nil {
		return err
	}
	fmt.Printf("OK %d entries, root %s\n", tree.N, tree.Hash)
	return nil
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "REFUSED", err)
		os.Exit(1)
	}
}

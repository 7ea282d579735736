"""Reads layers.txt, the architecture of Entente, for the checks in this folder."""

import dataclasses
import pathlib
import subprocess

# Folders beside entente/ that join the modules together; layers.txt names them like modules.
JOINERS = ("apps", "sim", "tests", "bench")


@dataclasses.dataclass
class Layers:
    """The four parts of layers.txt."""

    allowed: dict[str, list[str]] = dataclasses.field(default_factory=dict)  # module -> may include
    joiners_only: list[str] = dataclasses.field(default_factory=list)  # "store/sqlite"
    sans_io: list[str] = dataclasses.field(default_factory=list)
    homes: dict[str, list[str]] = dataclasses.field(default_factory=dict)  # "boost/asio" -> modules
    errors: list[str] = dataclasses.field(default_factory=list)

    def home_of(self, header: str) -> str | None:
        """The longest prefix of part 4 that `header` starts with."""
        return max((p for p in self.homes if header.startswith(p)), key=len, default=None)


def read(root: pathlib.Path) -> Layers:
    """Parses root/layers.txt; what is wrong with the file itself is in `errors`."""
    layers = Layers()
    for number, line in enumerate((root / "layers.txt").read_text("utf-8").splitlines(), 1):
        line = line.partition("#")[0].strip()
        if not line:
            continue
        where = f"layers.txt:{number}"
        if line.startswith("!"):
            layers.joiners_only.append(line[1:].strip())
        elif line.startswith("~"):
            layers.sans_io += line[1:].split()
        elif ":" not in line:
            layers.errors.append(f"{where}: expected 'name: names', found '{line}'")
        elif line.startswith("<"):
            _add(layers, where, layers.homes, line[1:], known=[*layers.allowed, *JOINERS])
        else:
            _add(layers, where, layers.allowed, line, known=list(layers.allowed))
    for module in layers.sans_io + [folder.partition("/")[0] for folder in layers.joiners_only]:
        if module not in layers.allowed:
            layers.errors.append(f"layers.txt: {module} is not a module of part 1")
    return layers


def _add(layers: Layers, where: str, table: dict, line: str, known: list[str]) -> None:
    name, _, words = line.partition(":")
    name = name.strip()
    if name in table:
        layers.errors.append(f"{where}: {name} stands here twice")
    for word in words.split():
        if word not in known:
            layers.errors.append(f"{where}: {name} names {word}, which no line above declares")
    table[name] = words.split()


def project_files(root: pathlib.Path) -> list[pathlib.Path]:
    """The files git tracks, or, in a tree that git cannot read, all but build products."""
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z"], capture_output=True, check=False
    )
    if (root / ".git").exists() and listed.returncode == 0:
        paths = [root / name for name in listed.stdout.decode("utf-8").split("\0") if name]
        return sorted(path for path in paths if path.is_file())
    skipped = {".git", "build", "node_modules", "__pycache__", ".cache"}
    return sorted(
        path
        for path in root.rglob("*")
        if path.is_file() and not skipped & set(path.relative_to(root).parts)
    )

"""Reading and writing small files."""

import csv
import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Union


def read_lines(path: Union[str, Path], skip_blank: bool = True) -> list[str]:
    with open(path, encoding="utf-8") as handle:
        lines = [line.rstrip("\n") for line in handle]
    return [line for line in lines if line.strip()] if skip_blank else lines


def read_rows(path: str, delimiter: str = ",") -> list[dict[str, str]]:
    with open(path, newline="") as handle:
        return list(csv.DictReader(handle, delimiter=delimiter))


def load_settings(path, defaults=None):
    settings = dict(defaults or {})
    if os.path.exists(path):
        with open(path) as handle:
            settings.update(json.load(handle))
    return settings


def checksum(path: str | os.PathLike[str], algorithm: str = "sha256") -> str:
    digest = hashlib.new(algorithm)
    digest.update(Path(path).read_bytes())
    return digest.hexdigest()


def append_line(path: str, line: str) -> int:
    """Returns the size of the file afterwards."""
    with open(path, "a") as handle:
        handle.write(f"{line}\n")
    return os.path.getsize(path)


def save_json(path: Path, data: dict, indent: int | None = 2) -> None:
    path.write_text(json.dumps(data, indent=indent, sort_keys=True))


def count_lines(stream) -> int:
    return sum(1 for _ in stream)


def backup(path: str, suffix: str = ".bak") -> str:
    target = f"{path}{suffix}"
    shutil.copyfile(path, target)
    return target


def extension(path: str) -> str:
    """
    >>> extension("report.final.PDF")
    'pdf'
    """
    return os.path.splitext(path)[1].lstrip(".").lower()


def list_files(folder: str = ".", pattern: str = "*") -> list[str]:
    return sorted(p.name for p in Path(folder).glob(pattern) if p.is_file())

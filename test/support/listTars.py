"""Lists each of the tars that are named on standard input as JSON; null where it cannot be read."""
import hashlib
import json
import sys
import tarfile


def entries(file):
    with tarfile.open(file, "r:", encoding="utf-8", errors="surrogateescape") as archive:
        for entry in archive:
            content = archive.extractfile(entry).read() if entry.isreg() else b""
            yield [
                entry.name,
                entry.type.decode("latin-1"),
                entry.linkname,
                entry.mode,
                entry.uid,
                entry.gid,
                int(entry.mtime),
                hashlib.sha256(content).hexdigest(),
            ]


def listing(file):
    try:
        return list(entries(file))
    except tarfile.TarError:
        return None


json.dump([listing(file) for file in json.load(sys.stdin)], sys.stdout)

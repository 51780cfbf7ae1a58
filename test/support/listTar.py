"""Lists the tar on standard input as JSON."""
import hashlib
import json
import sys
import tarfile

entries = []
with tarfile.open(fileobj=sys.stdin.buffer, mode="r|") as archive:
    for entry in archive:
        content = archive.extractfile(entry).read() if entry.isreg() else b""
        entries.append(
            [
                entry.name,
                entry.type.decode(),
                format(entry.mode, "o"),
                entry.uid,
                entry.gid,
                entry.uname + entry.gname,
                entry.mtime,
                entry.linkname,
                hashlib.sha256(content).hexdigest()[:8] if content else "",
                sorted(entry.pax_headers),
            ]
        )
json.dump(entries, sys.stdout)

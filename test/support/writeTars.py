"""Writes tars with Python's tarfile: standard input is a list of {"file", "entries"}."""
import io
import json
import os
import sys
import tarfile

TYPES = {
    "file": tarfile.REGTYPE,
    "directory": tarfile.DIRTYPE,
    "symlink": tarfile.SYMTYPE,
    "hardlink": tarfile.LNKTYPE,
    "char": tarfile.CHRTYPE,
    "block": tarfile.BLKTYPE,
    "fifo": tarfile.FIFOTYPE,
}

for tar in json.load(sys.stdin):
    with tarfile.open(tar["file"], "w", format=tarfile.PAX_FORMAT) as archive:
        for entry in tar["entries"]:
            header = tarfile.TarInfo(entry["path"])
            header.type = TYPES[entry["type"]]
            header.mode = entry.get("mode", 0o755 if entry["type"] == "directory" else 0o644)
            header.uid = entry.get("uid", 0)
            header.gid = entry.get("gid", 0)
            header.mtime = entry.get("mtime", 0)
            header.linkname = entry.get("linkname", "")
            header.devmajor, header.devminor = entry.get("device", [0, 0])
            content = os.fsencode(entry.get("content", ""))
            header.size = len(content)
            archive.addfile(header, io.BytesIO(content))

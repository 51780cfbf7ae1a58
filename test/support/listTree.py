"""Lists the directories that are the arguments as JSON: what is at every path below each, and at itself."""
import hashlib
import json
import os
import stat
import sys

TYPES = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "directory",
    stat.S_IFLNK: "symlink",
    stat.S_IFCHR: "char",
    stat.S_IFBLK: "block",
    stat.S_IFIFO: "fifo",
}


def describe(full):
    found = os.lstat(full)
    kind = TYPES.get(stat.S_IFMT(found.st_mode), "other")
    entry = {"type": kind, "owner": f"{found.st_uid}:{found.st_gid}", "size": 0}
    if kind == "symlink":
        entry["linkname"] = os.fsdecode(os.readlink(full))
    else:
        entry["mode"] = format(stat.S_IMODE(found.st_mode), "o")
    if kind == "file":
        with open(full, "rb") as content:
            entry["digest"] = "sha256:" + hashlib.sha256(content.read()).hexdigest()
        entry["size"] = found.st_size
    return entry


def tree(root):
    listed = {"": describe(root)}
    for folder, directories, files in os.walk(root):
        for name in directories + files:
            full = os.path.join(folder, name)
            listed[os.fsdecode(os.path.relpath(full, root))] = describe(full)
    return listed


json.dump([tree(os.fsencode(root)) for root in sys.argv[1:]], sys.stdout)

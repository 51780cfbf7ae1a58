"""Checks the documents of OCI layouts against the JSON schemas of the image specification, with a validator of its own.

usage: validateSchema.py SCHEMAS LAYOUT...     prints {"documents": NUMBER, "problems": [TEXT, ...]}
"""
import json
import pathlib
import sys

import jsonschema

SCHEMAS = pathlib.Path(sys.argv[1])
OF_TYPE = {
    "application/vnd.oci.image.manifest.v1+json": "image-manifest-schema.json",
    "application/vnd.oci.image.index.v1+json": "image-index-schema.json",
    "application/vnd.oci.image.config.v1+json": "config-schema.json",
}


def loaded(name, pointer=""):
    """A schema with what it refers to in the place of the references; ids would lead the validator to the network."""
    part = json.loads((SCHEMAS / name).read_text())
    for step in filter(None, pointer.strip("/").split("/")):
        part = part[step]
    return inlined(part, name)


def inlined(part, name):
    if isinstance(part, list):
        return [inlined(each, name) for each in part]
    if not isinstance(part, dict):
        return part
    if isinstance(part.get("$ref"), str):
        file, _, pointer = part["$ref"].partition("#")
        return loaded(file or name, pointer)
    return {key: inlined(each, name) for key, each in part.items() if key != "id" or not isinstance(each, str)}


validators = {}


def check(name, document, where, found):
    if name not in validators:
        validators[name] = jsonschema.Draft4Validator(loaded(name), format_checker=jsonschema.FormatChecker())
    found["documents"] += 1
    for error in validators[name].iter_errors(document):
        path = "/".join(str(step) for step in error.absolute_path)
        found["problems"].append(f"{where} {path}: {error.message[:200]}")


def walk(layout, document, found, seen):
    children = document.get("manifests", []) + [document[key] for key in ("config", "subject") if key in document]
    for child in children:
        name = OF_TYPE.get(child.get("mediaType"))
        digest = child.get("digest", "")
        if name is None or digest in seen:
            continue
        seen.add(digest)
        content = json.loads((layout / "blobs" / digest.replace(":", "/")).read_bytes())
        check(name, content, digest, found)
        if name != "config-schema.json":
            walk(layout, content, found, seen)


found = {"documents": 0, "problems": []}
for folder in map(pathlib.Path, sys.argv[2:]):
    check("image-layout-schema.json", json.loads((folder / "oci-layout").read_bytes()), "oci-layout", found)
    top = json.loads((folder / "index.json").read_bytes())
    check("image-index-schema.json", top, "index.json", found)
    walk(folder, top, found, set())
print(json.dumps(found))

"""Makes OCI image layouts (https://github.com/opencontainers/image-spec) layer by layer."""
import gzip
import hashlib
import io
import json
import tarfile


def tar_of_folder(folder):
    """The bytes of a tar of everything below a folder."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path in sorted(folder.iterdir()):
            tar.add(path, arcname=path.name)
    return buffer.getvalue()


def tar_of_files(files, owner=0):
    """The bytes of a tar of files: path to content (bytes), or to (content, mode); a path that ends with a slash
    is a folder."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path, content in files.items():
            content, mode = content if isinstance(content, tuple) else (content, 0o755)
            entry = tarfile.TarInfo(path.rstrip("/"))
            entry.mode = mode
            entry.uid = entry.gid = owner
            entry.size = len(content)
            entry.type = tarfile.DIRTYPE if path.endswith("/") else tarfile.REGTYPE
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


class Image:
    """An image that is being put together."""

    def __init__(self):
        self.layers = []
        self.config = {}

    def layer(self, tar):
        self.layers.append(tar)
        return self

    def files(self, files, owner=0):
        return self.layer(tar_of_files(files, owner))

    def configure(self, **config):
        """Members of the image's config: `Env`, `User`, `WorkingDir`, `Entrypoint`, `Cmd`."""
        self.config.update(config)
        return self

    def blobs(self):
        """Every blob by its digest, and the manifest's descriptor."""
        blobs = {}

        def add(content, media_type):
            digest = "sha256:" + hashlib.sha256(content).hexdigest()
            blobs[digest] = content
            return {"mediaType": f"application/vnd.oci.image.{media_type}", "digest": digest, "size": len(content)}

        layers = [add(gzip.compress(layer, 1, mtime=0), "layer.v1.tar+gzip") for layer in self.layers]
        config = {
            "architecture": "amd64",
            "os": "linux",
            "config": self.config,
            "rootfs": {
                "type": "layers",
                "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest() for layer in self.layers],
            },
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": add(json.dumps(config).encode(), "config.v1+json"),
            "layers": layers,
        }
        return blobs, add(json.dumps(manifest).encode(), "manifest.v1+json")

    def write(self, folder):
        """Writes an OCI layout and returns its folder."""
        blobs, manifest = self.blobs()
        (folder / "blobs/sha256").mkdir(parents=True)
        for digest, content in blobs.items():
            (folder / "blobs/sha256" / digest.partition(":")[2]).write_bytes(content)
        (folder / "oci-layout").write_text(json.dumps({"imageLayoutVersion": "1.0.0"}))
        (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [manifest]}))
        return folder

"""A bucket, or another file system that fsspec knows, as a place for copies."""

import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

from fsspec.core import url_to_fs
from fsspec.registry import known_implementations

from airmeet_source.disclosure.words import of_server
from airmeet_source.errors import NotInstalled, UsageError
from airmeet_source.recordings.drafts import SUFFIX, claim, sweep

# a key appears there when it is whole; elsewhere a file grows under the name that it is opened by
_WHOLE_OR_NOTHING = {"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "oss", "oci"}
_DRAFTS = ".airmeet-recording-"
_READ_ONLY = {"http", "https", "data", "github", "git", "zip", "tar", "reference"}


class Bucket:
    """A place that fsspec writes to, from whole files of this machine. Safe to use from many threads."""

    def __init__(self, url: str) -> None:
        self._url = url

    def prepare(self) -> None:
        """Make sure that it can be reached.

        Raises:
            UsageError: it cannot.
        """
        sweep(Path(tempfile.gettempdir()), _DRAFTS)
        try:
            with _as_os_error():
                system, root = self._system()
                system.exists(root)
        except OSError as error:
            raise UsageError(f"--to: {_without_user(self._url)} cannot be read: {error}.") from None

    def sweep(self, folder: str) -> None:
        """Nothing to do: drafts are files of this machine."""

    def sizes(self, folder: str) -> Mapping[str, int]:
        """The paths and sizes of the files in a folder of it."""
        with _as_os_error():
            system, root = self._system()
            try:
                listed = system.ls(f"{root}/{folder}".rstrip("/"), detail=True)
            except FileNotFoundError:
                return {}
            files = [entry for entry in listed if entry["type"] == "file"]
            return {f"{folder}/{entry['name'].rpartition('/')[2]}": int(entry["size"]) for entry in files}

    @contextmanager
    def writing(self, path: str) -> Iterator[BinaryIO]:
        """A file that is uploaded when the context ends without an error."""
        with tempfile.NamedTemporaryFile(prefix=_DRAFTS, suffix=SUFFIX) as draft:
            file = cast(BinaryIO, draft)
            claim(file)
            yield file
            file.flush()
            size = file.tell()
            with _as_os_error():
                self._upload(draft.name, path, size)

    def _upload(self, draft: str, path: str, size: int) -> None:
        system, root = self._system()
        target = f"{root}/{path}"
        if _protocols(system) & _WHOLE_OR_NOTHING:
            system.put_file(draft, target)
        else:
            parent = target.rpartition("/")[0]
            system.makedirs(parent, exist_ok=True)
            growing = f"{parent}/{_DRAFTS}{secrets.token_hex(12)}{SUFFIX}"
            try:
                system.put_file(draft, growing)
                _require_size(system, growing, size)
                system.mv(growing, target)
            except BaseException:
                with suppress(Exception):
                    system.rm_file(growing)
                raise
        _require_size(system, target, size)

    def _system(self) -> tuple[Any, str]:
        """The file system, one for each thread as fsspec has it, and the path of the place in it."""
        system, root = url_to_fs(self._url)
        system.invalidate_cache()  # what it remembers of folders may be what was there before
        return system, root.rstrip("/")


def require_file_system(url: str) -> None:
    """Make sure that fsspec knows a kind of place, and can write there.

    Raises:
        UsageError: it does not, or cannot.
        NotInstalled: it needs a package that is missing.
    """
    protocol = url.partition("://")[0].rpartition("::")[2].lower()
    if protocol in _READ_ONLY:
        raise UsageError(f"--to: nothing can be copied to {protocol}://.")
    try:
        url_to_fs(url)
    except ImportError:
        module = known_implementations.get(protocol, {}).get("class", "").partition(".")[0]
        raise NotInstalled(
            f"--to {protocol}://", f"fsspec[{protocol}]" if module == "fsspec" else module
        ) from None
    except ValueError as error:
        if protocol not in known_implementations:
            raise UsageError(f"--to: {protocol}:// is no kind of place that fsspec knows.") from None
        raise UsageError(f"--to: {_without_user(url)} cannot be used: {of_server(str(error))}.") from None


def _require_size(system: Any, path: str, size: int) -> None:
    found = system.info(path)["size"]
    if found != size:
        raise OSError(f"{found:,} of {size:,} bytes arrived")


def _protocols(system: Any) -> set[str]:
    return {system.protocol} if isinstance(system.protocol, str) else set(system.protocol)


def _without_user(url: str) -> str:
    protocol, _, rest = url.partition("://")
    return f"{protocol}://{rest.rpartition('@')[2]}"


@contextmanager
def _as_os_error() -> Iterator[None]:
    """Let nothing out but OSError: each kind of place has errors of its own."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001 - see above
        raise OSError(of_server(str(error)) or type(error).__name__) from None

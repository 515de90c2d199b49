"""Postgres: its address, also without a password, and whether its database can take what a load brings."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import dlt
from dlt.common.configuration import configspec
from dlt.common.configuration.exceptions import ConfigurationException
from dlt.common.configuration.resolve import resolve_configuration
from dlt.common.typing import TSecretStrValue
from dlt.destinations.impl.postgres.configuration import PostgresCredentials
from dlt.destinations.sql_client import SqlClientBase

from airmeet_source.disclosure.words import of_server
from airmeet_source.errors import Unreachable, UsageError

JOBS = 4  # at a time; dlt's twenty would need 41 connections, which is more than many a server has left
_CONNECTIONS = 2 * JOBS + 1  # two for each, and the one with the locks
_ENCODING = "UTF8"
_OLDEST = 150_000  # the first that has MERGE
_ABOUT_SERVER = "SELECT current_setting('server_encoding'), current_setting('server_version_num')::int"
_MOST_NAMED = 5  # tables in a message


def is_postgres(pipeline: dlt.Pipeline) -> bool:
    """Whether the destination is a Postgres database."""
    return pipeline.destination.destination_type == "dlt.destinations.postgres"


@configspec(init=False)
class Address(PostgresCredentials):
    """Credentials as libpq takes them: a trusted user, a socket or a .pgpass file needs no password."""

    username: str | None = None  # type: ignore[assignment] # dlt demands all of them
    password: TSecretStrValue | None = None  # type: ignore[assignment]
    host: str | None = None  # type: ignore[assignment]
    database: str | None = None  # type: ignore[assignment]


def credentials() -> PostgresCredentials | None:
    """What the configuration says of the database; None if that is not enough, as dlt will then say."""
    address = resolve_configuration(Address(), sections=("destination", "postgres"))
    return address if address.database else None


def require_server(pipeline: dlt.Pipeline) -> None:
    """Refuse a database that cannot store every text, or a server that cannot merge.

    Raises:
        UsageError: the encoding is another one than UTF-8, or the server is too old.
        Unreachable: it does not answer, or not to us.
    """
    try:
        with pipeline.sql_client() as client:
            ((encoding, version),) = client.execute_sql(_ABOUT_SERVER) or ()
    except ConfigurationException:
        raise
    except Exception as error:  # noqa: BLE001 - the driver, which an extra brings, in its own words
        raise Unreachable(f"The destination cannot be reached: {of_server(str(error))}") from None
    if version < _OLDEST:
        raise UsageError(
            f"This is Postgres {version // 10_000}; {_OLDEST // 10_000} or newer is needed, which has MERGE."
        )
    if encoding != _ENCODING:
        raise UsageError(
            f"The database's encoding is {encoding}, {_ENCODING} is needed: names in other scripts could not "
            f"be stored.\nCREATE DATABASE … ENCODING '{_ENCODING}' TEMPLATE template0 makes one."
        )


def require_connections(pipeline: dlt.Pipeline, *, already: int) -> None:
    """Refuse a server that lets us open fewer connections than a load has at a time.

    Args:
        pipeline: where to.
        already: how many are open.

    Raises:
        UsageError: it does not.
    """
    with ExitStack() as opened:
        for number in range(already, _CONNECTIONS):
            try:
                client = pipeline.sql_client()
                client.open_connection()
                opened.callback(client.close_connection)
            except Exception as error:  # noqa: BLE001 - the driver, which an extra brings, in its own words
                raise UsageError(
                    f"The destination lets us open {number} connections, and a load takes {_CONNECTIONS}: "
                    f"{of_server(str(error))}\nWhat is missing: ALTER ROLE … CONNECTION LIMIT, or a larger "
                    "max_connections of the server."
                ) from None


@dataclass(frozen=True)
class _Held:
    """What the user of the connection may do with a table."""

    table: str
    owner: str
    is_ours: bool
    is_view: bool  # in the place of the table, where none can be made
    lacking: list[str]


# what a load does with rows; new columns and descriptions take the owner
_EACH_TABLE = """\
SELECT format('%%I.%%I', n.nspname, c.relname), pg_get_userbyid(c.relowner), pg_has_role(c.relowner, 'USAGE'),
       c.relkind IN ('v', 'm'),
       array(SELECT p FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS p
             WHERE NOT has_table_privilege(c.oid, p))
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relkind IN ('r', 'p', 'v', 'm') AND c.relname = ANY(%s)
ORDER BY 1"""


def require_rights(client: SqlClientBase[object], tables: list[str]) -> None:
    """Refuse tables of ours, as far as they exist in the client's dataset, that a load may not write to.

    Raises:
        UsageError: a right is missing; the message has the statement that gives it.
    """
    rows = client.execute_sql(_EACH_TABLE, client.dataset_name, tables) or ()
    lacking = list(_lacking([_Held(*row) for row in rows]))
    if lacking:
        more = f"\n… and {len(lacking) - _MOST_NAMED} more" if len(lacking) > _MOST_NAMED else ""
        raise UsageError(
            "The destination does not let us write to every table. What is missing:\n"
            + "\n".join(lacking[:_MOST_NAMED])
            + more
        )


def _lacking(tables: list[_Held]) -> Iterator[str]:
    for held in tables:
        if held.is_view:
            yield f"the table {held.table}, in whose place there is a view: give that another name"
            continue
        if held.lacking:
            yield f"GRANT {', '.join(held.lacking)} ON {held.table} TO …"
        if not held.is_ours:
            yield (
                f"GRANT {held.owner} TO …, who owns {held.table}: only the owner of a table can add the "
                "columns of new fields"
            )

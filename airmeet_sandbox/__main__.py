"""`python -m airmeet_sandbox`: the sandbox in the foreground."""

import argparse
import sys

from airmeet_sandbox import Sandbox, World


def add_options(parser: argparse.ArgumentParser) -> None:
    """How the sandbox's world and its server are."""
    parser.add_argument("--port", type=int, default=8000, help="0 is any free one")
    parser.add_argument("--events", type=int, default=12)
    parser.add_argument("--people", type=int, default=40, help="typical registrations per event")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds that each answer takes")
    parser.add_argument(
        "--prepare", type=float, default=0.0, help="seconds for which asynchronous endpoints answer 202"
    )
    parser.add_argument("--page-cap", type=int, help="largest page the server sends")


def serve(options: argparse.Namespace) -> None:
    """Serve until Ctrl-C."""
    world = World(seed=options.seed, events=options.events, people=options.people)
    sandbox = Sandbox(
        world,
        latency=options.latency,
        prepare_seconds=options.prepare,
        page_cap=options.page_cap,
        port=options.port,
        keep_log=False,
    )
    try:
        with sandbox:
            sys.stdout.write(
                f"current API  {sandbox.base_url}\nlegacy v1    {sandbox.legacy_base_url}\n"
                f"access key   {sandbox.access_key}\nsecret key   {sandbox.secret_key}\n"
            )
            sys.stdout.flush()
            sandbox.serve_forever()
    except KeyboardInterrupt:
        sys.stdout.write("stopped\n")


def main(arguments: list[str] | None = None) -> int:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m airmeet_sandbox", description=main.__doc__)
    add_options(parser)
    serve(parser.parse_args(arguments))
    return 0


if __name__ == "__main__":
    sys.exit(main())

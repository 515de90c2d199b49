"""The examples of schedules: each is what its tool accepts, and their commands are ours."""

import re
import shlex
import shutil
import subprocess
import sys
import types
from pathlib import Path
from typing import Any, Self

import pytest
import yaml
from check_jsonschema import main as check_jsonschema
from click.testing import CliRunner
from kubernetes_validate import validate

from airmeet_source.cli.main import COMMANDS, call
from airmeet_source.cli.parser import Parser
from tests.support.pages import ROOT

DEPLOY = ROOT / "pipelines" / "deploy"
FILES = sorted(path for path in DEPLOY.iterdir() if path.is_file())
COMMAND = re.compile(r"\bairmeet\"?,? +\"?(load|status)\b(.*?)(?: \|\| code=\$\?)?$", re.MULTILINE)


def commands() -> list[tuple[str, str]]:
    """File and command line of each command in the files."""
    texts = {path.name: path.read_text().replace("{airmeet} ", "airmeet ") for path in FILES}
    return [
        (name, f"{found[1]} {found[2]}") for name, text in texts.items() for found in COMMAND.finditer(text)
    ]


@pytest.mark.parametrize(("file", "command"), commands())
def test_their_commands_are_understood(file: str, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, *words = shlex.split(re.sub(r"[\"\],]+", " ", command).format(community="north"))
    monkeypatch.setattr(f"{COMMANDS[name].module}.run", lambda *_: 0)
    monkeypatch.setattr(Parser, "error", lambda _, message: pytest.fail(f"{file}: {message}"))

    assert call(name, words, prog="airmeet") == 0


@pytest.mark.parametrize(
    ("file", "schema"), [("compose.yaml", "compose-spec"), ("github-actions.yml", "github-workflows")]
)
def test_files_of_docker_and_github_follow_their_schemas(file: str, schema: str) -> None:
    checked = CliRunner().invoke(
        check_jsonschema, ["--builtin-schema", f"vendor.{schema}", str(DEPLOY / file)]
    )
    assert checked.exit_code == 0, checked.output


def test_kubernetes_would_take_the_job_and_its_root_file_system_is_read_only() -> None:
    job = yaml.safe_load((DEPLOY / "kubernetes.yaml").read_text())
    validate(job, "1.30", strict=True)
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    [container] = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert container["securityContext"]["readOnlyRootFilesystem"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_systemd_understands_its_units(tmp_path: Path) -> None:
    for unit in ("airmeet.service", "airmeet.timer"):
        text = (DEPLOY / unit).read_text().replace("/srv/airmeet/.venv/bin/airmeet", sys.executable)
        (tmp_path / unit).write_text(text.replace("User=airmeet", "User=root"))
    units = [str(tmp_path / unit) for unit in ("airmeet.service", "airmeet.timer")]
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *units],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")


def test_airflow_finds_a_task_for_each_community(monkeypatch: pytest.MonkeyPatch) -> None:
    tasks: list[dict[str, Any]] = []

    class Dag:
        def __init__(self, **settings: Any) -> None:
            assert settings["catchup"] is False

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            return None

    sdk, bash = types.ModuleType("airflow.sdk"), types.ModuleType("airflow.providers.standard.operators.bash")
    vars(sdk)["DAG"], vars(bash)["BashOperator"] = Dag, lambda **settings: tasks.append(settings)
    parents = ["airflow", "airflow.providers", "airflow.providers.standard", bash.__name__.rpartition(".")[0]]
    for module in (sdk, bash, *map(types.ModuleType, parents)):
        monkeypatch.setitem(sys.modules, module.__name__, module)

    source = (DEPLOY / "airflow_dag.py").read_text()
    exec(compile(source, "airflow_dag.py", "exec"), {"__name__": "airflow_dag"})

    assert [task["task_id"] for task in tasks] == ["load_north", "load_south"]
    for task in tasks:  # what the shell makes of the exit codes
        for code, expected in ((0, 0), (3, 0), (1, 1), (2, 2)):
            script = re.sub(
                r"^.*airmeet load[^|]*", f"(exit {code}) ", task["bash_command"], flags=re.MULTILINE
            )
            assert subprocess.run(["bash", "-c", script], check=False).returncode == expected


def test_the_image_runs_as_no_root_and_takes_extras_that_exist() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    stages = text.split("\nFROM ")
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", stages[-1], re.MULTILINE)
    [extras] = re.findall(r'"\.\[(.+?)\]"', text)
    declared = (ROOT / "pyproject.toml").read_text()
    assert all(re.search(rf"^{extra} = \[", declared, re.MULTILINE) for extra in extras.split(","))
    for copied in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        assert all((ROOT / name).exists() for name in copied.split())

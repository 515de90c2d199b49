"""What dlt writes down of a run that fails: its trace, which stays in the working folder."""

from typing import Any

from dlt.common.exceptions import ExceptionTrace
from dlt.common.pipeline import SupportsPipeline
from dlt.common.runtime.collector import NullCollector
from dlt.pipeline.trace import PipelineStepTrace, PipelineTrace

from airmeet_source.loading.failures import told


class DiscreetTraces(NullCollector):
    """Puts words that may be told in the place of exceptions, before dlt writes the trace to a file."""

    def on_end_trace_step(
        self,
        trace: PipelineTrace,
        step: PipelineStepTrace,
        pipeline: SupportsPipeline,  # noqa: ARG002 - dlt's signature
        step_info: Any,  # noqa: ARG002
        send_state: bool,  # noqa: ARG002
    ) -> None:
        """Called by dlt after each step, whose trace is the last one."""
        if step.step_exception is not None:
            causes = [_discreet(cause) for cause in step.exception_traces or ()]
            said = told(step.step_exception)
            # what dlt knows of jobs that failed quotes rows, too
            trace.steps[-1] = step._replace(step_info=None, step_exception=said, exception_traces=causes)


def _discreet(cause: ExceptionTrace) -> ExceptionTrace:
    return ExceptionTrace(
        message=told(cause["message"]),
        exception_type=cause["exception_type"],
        stack_trace=cause.get("stack_trace", []),
        is_terminal=cause["is_terminal"],
    )

"""What a command that only reads looks at."""

from airmeet_source.cli.shared_options import SharedOptions
from airmeet_source.loading.destinations import Target


def target_of(options: SharedOptions) -> Target:
    """The dataset that the options name; all communities that share it are in there."""
    return Target(
        destination=options.destination,
        dataset_name=options.dataset,
        pipeline_name=options.pipeline_name or Target.pipeline_name,
        pipelines_dir=options.pipelines_dir,
    )

"""Running a pipeline well, for the command line, a script or an orchestrator alike."""

"""What the figures in the README come from: `python -m benchmarks` measures them all in one run."""

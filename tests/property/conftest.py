"""Hypothesis profiles: `dev` finds new examples, `ci` more of them and the same ones every time.

`mutants` is for code that is broken on purpose: it stops at the first example that fails.

`SHAREHUB_HYPOTHESIS` names the profile; without it CI is recognised by its variable `CI`.
"""

import os

from hypothesis import HealthCheck, Phase, settings

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile("dev", max_examples=100, deadline=None, suppress_health_check=_SLOW, database=None)
settings.register_profile("ci", settings.get_profile("dev"), max_examples=400, derandomize=True, print_blob=True)
settings.register_profile(
    "mutants", settings.get_profile("ci"), max_examples=100, phases=[Phase.explicit, Phase.generate]
)
settings.load_profile(os.environ.get("SHAREHUB_HYPOTHESIS") or ("ci" if os.environ.get("CI") else "dev"))

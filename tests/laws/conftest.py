"""The number of examples for each law: few in the suite, many in a run by hand.

`LAWS=20000 pytest tests/laws -n 2` is the long run; it is random, the suite's is not.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

_MANY = int(os.environ.get("LAWS", "0"))
_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]

settings.register_profile(
    "suite", max_examples=100, derandomize=True, deadline=None, suppress_health_check=_SLOW
)
settings.register_profile(
    "many", max_examples=_MANY or 1, deadline=None, suppress_health_check=_SLOW
)
settings.load_profile("many" if _MANY else "suite")

"""How much one client may ask of us: token buckets in memory, so many that no flood of clients can fill it."""

import hashlib
import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

MOST_CLIENTS = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests a second in the long run, and so many at once."""

    per_second: float
    burst: float


@dataclass(frozen=True, slots=True)
class Rates:
    """What is allowed: to an address, to a token, to an address at the paths where people sign in, and to one that
    sends deliveries, which may be a vendor's for all its customers."""

    address: Rate = Rate(100, 3000)
    token: Rate = Rate(50, 2000)
    sign_in: Rate = Rate(10 / 60, 20)
    hooks: Rate = Rate(1000, 10_000)


FREE = frozenset({"/healthz", "/readyz", "/metrics"})
"""What watches over us is never turned away."""
SIGN_IN = ("/sign-in", "/invitation", "/reset", "/account/password", "/account/second-step", "/accessibility")
"""Where secrets of people can be guessed at, or strangers leave something: paths that begin so are strictly limited
when they are posted to."""


class Buckets:
    """A bucket for each client; the one that has not been seen for longest is forgotten first."""

    def __init__(self, rate: Rate, clock: Callable[[], float], most: int = MOST_CLIENTS) -> None:
        self._rate, self._clock, self._most = rate, clock, most
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, client: str) -> int:
        """Take one request from the client's bucket: 0, or how many seconds to wait when it is empty."""
        now = self._clock()
        left, since = self._buckets.pop(client, (self._rate.burst, now))
        left = min(self._rate.burst, left + (now - since) * self._rate.per_second)
        wait = 0 if left >= 1 else math.ceil((1 - left) / self._rate.per_second)
        self._buckets[client] = (left if wait else left - 1, now)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return wait


class Limiter:
    """Says of each request how long its client has to wait."""

    def __init__(self, rates: Rates, clock: Callable[[], float]) -> None:
        self._address = Buckets(rates.address, clock)
        self._token = Buckets(rates.token, clock)
        self._sign_in = Buckets(rates.sign_in, clock)
        self._hooks = Buckets(rates.hooks, clock)

    def wait(self, method: str, path: str, address: str, authorization: str) -> int:
        """0, or the seconds after which to come again. A made-up token gains nothing: its address pays as well."""
        if path in FREE:
            return 0
        if path.startswith("/hooks/"):
            return self._hooks.take(address)
        waits = [self._address.take(address)]
        if authorization:
            waits.append(self._token.take(hashlib.sha256(authorization.encode("latin-1")).hexdigest()))
        if method == "POST" and path.startswith(SIGN_IN):
            waits.append(self._sign_in.take(address))
        return max(waits)

"""Which input samples a value reads along one axis, as bits of one integer."""

from __future__ import annotations

from dataclasses import dataclass

LIMIT = 2**24
"""Samples that a field may span; strides multiply, and 70 of them outgrow every input."""


class NoRuleError(Exception):
    """Says in one sentence why a receptive field cannot be told by formula."""

    located = False
    """Whether the sentence already names the layer."""


@dataclass(frozen=True)
class Taps:
    """A set of whole numbers: bit ``i`` of `bits` stands for ``low + i``.

    Unions and the sums of sets that convolutions make are a few shifts of one integer.

    Examples
    --------
    >>> Taps(-1, 0b101).offsets
    (-1, 1)
    """

    low: int
    bits: int

    @property
    def span(self) -> int:
        """Count of samples from the first to the last one."""
        return self.bits.bit_length()

    @property
    def high(self) -> int:
        """The last sample."""
        return self.low + self.span - 1

    @property
    def centre(self) -> float:
        """Middle between the first and the last sample, which may be a half."""
        return (self.low + self.high) / 2

    @property
    def offsets(self) -> tuple[int, ...]:
        """All samples, in order."""
        return tuple(self.low + i for i, bit in enumerate(reversed(f"{self.bits:b}")) if bit == "1")

    def moved(self, by: int) -> Taps:
        """Return the set with `by` added to each number."""
        return Taps(self.low + by, self.bits)

    def spread(self, step: int, count: int) -> Taps:
        """Return the union of the set moved by 0, `step`, ... ``(count - 1) * step``.

        Raises
        ------
        NoRuleError
            If that spans more than `LIMIT` samples.

        Examples
        --------
        >>> Taps(0, 1).spread(2, 3).offsets
        (0, 2, 4)
        """
        if self.span + step * (count - 1) > LIMIT:
            raise NoRuleError(f"a field of more than {LIMIT:,} samples is not listed")
        bits, done = self.bits, 1
        while done < count:
            more = min(done, count - done)
            bits |= bits << step * more
            done += more
        return Taps(self.low, bits)

    def union(self, other: Taps | None) -> Taps:
        """Return the numbers that are in either set.

        Raises
        ------
        NoRuleError
            If that spans more than `LIMIT` samples.
        """
        if other is None:
            return self
        low = min(self.low, other.low)
        if max(self.high, other.high) - low >= LIMIT:
            raise NoRuleError(f"a field of more than {LIMIT:,} samples is not listed")
        return Taps(low, self.bits << (self.low - low) | other.bits << (other.low - low))

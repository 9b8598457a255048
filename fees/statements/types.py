"""What every form of statement is read into, and what may be wrong with one."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from itertools import pairwise

MOST_PROBLEMS = 50


@dataclass(frozen=True)
class Problem:
    """One thing wrong: a code, the row of the file (1 is the first) where it stands, and what stands there."""

    code: str
    row: int | None = None
    what: str = ""


class StatementError(ValueError):
    """The file cannot be taken; `problems` say why, at most fifty of them."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(", ".join(problem.code for problem in problems[:5]))
        self.problems = problems[:MOST_PROBLEMS]

    @classmethod
    def of(cls, code: str, row: int | None = None, what: object = "") -> "StatementError":
        return cls([Problem(code, row, str(what)[:80])])


@dataclass(frozen=True)
class Line:
    """One movement on the account: `amount` in đồng, less than zero where it went out.

    `reference` is the bank's own number of it, `party` who stands on the other side.
    """

    booked_on: date
    amount: int
    text: str = ""
    reference: str = ""
    party: str = ""
    balance: int | None = None


@dataclass(frozen=True)
class Statement:
    """The movements of one account in the order of the file, and the balances before and after them where it says."""

    lines: list[Line]
    account: str = ""
    opening: int | None = None
    closing: int | None = None
    gaps: list[int] = field(default_factory=list)
    """Rows whose running balance does not follow from the one before."""

    def difference(self) -> Problem | None:
        """Where the balances and the movements do not tie, to the đồng."""
        if self.opening is not None and self.closing is not None:
            total = self.opening + sum(line.amount for line in self.lines)
            if total != self.closing:
                words = f"{self.opening:,} + … = {total:,} ≠ {self.closing:,}".replace(",", ".")
                return Problem("does_not_tie", None, words)
        if self.gaps:
            return Problem("balance_gap", self.gaps[0])
        return None

    def marked(self) -> Iterator[tuple[str, Line]]:
        """Each line with the mark by which it is known again in another file of the same account.

        The bank's reference, the day and the amount make it, without a reference the words. Lines that are the same
        in all this are told apart by their number among their likes.
        """
        seen: Counter[tuple] = Counter()
        for line in self.lines:
            key = (line.booked_on.isoformat(), line.amount, line.reference or " ".join(line.text.split()).upper())
            seen[key] += 1
            yield sha256(repr((*key, seen[key])).encode()).hexdigest(), line


def joined(parts: list[Statement], account: str) -> Statement:
    """The statements of one account in a file, or their pages, as one; the newest may stand first.

    Raises `StatementError` with each of them that does not tie by itself.
    """
    if problems := [problem for part in parts if (problem := part.difference())]:
        raise StatementError(problems)
    if _follow(parts[::-1]) and not _follow(parts):
        parts = parts[::-1]
    lines = [line for part in parts for line in part.lines]
    return Statement(lines=lines, account=account, opening=parts[0].opening, closing=parts[-1].closing)


def _follow(parts: list[Statement]) -> bool:
    """Whether each begins with the balance with which the one before it ends."""
    return all(before.closing == after.opening for before, after in pairwise(parts))

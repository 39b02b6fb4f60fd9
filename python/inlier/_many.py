"""Many questions at once, answered in their order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Literal, TypeVar

from inlier.errors import Error

Question = TypeVar("Question")
Reply = TypeVar("Reply")


def ask_in_order(
    ask: Callable[[Question], Reply],
    questions: Iterable[Question],
    threads: int,
    on_error: Literal["raise", "return"],
    cancel: Callable[[], None],
) -> Iterator[Reply | Error]:
    """Yields the reply to each question. At most two questions a thread are taken beforehand.
    ``cancel`` ends what is being asked when the iterator is closed."""
    if on_error not in ("raise", "return"):
        raise ValueError(f"on_error has to be 'raise' or 'return', got {on_error!r}")
    return _replies(ask, iter(questions), threads, on_error == "return", cancel)


def _replies(
    ask: Callable[[Question], Reply],
    questions: Iterator[Question],
    threads: int,
    returns_errors: bool,
    cancel: Callable[[], None],
) -> Iterator[Reply | Error]:
    pool = ThreadPoolExecutor(threads, thread_name_prefix="inlier")
    waiting: deque[Future[Reply]] = deque()
    try:
        while True:
            while len(waiting) < 2 * threads:
                try:
                    question = next(questions)
                except StopIteration:
                    break
                waiting.append(pool.submit(ask, question))
            if not waiting:
                return
            try:
                reply: Reply | Error = waiting.popleft().result()
            except Error as error:
                if not returns_errors:
                    raise
                reply = error
            yield reply
    finally:
        if waiting:
            cancel()
        pool.shutdown(wait=False, cancel_futures=True)

"""What a database of this machine and one behind a server have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Self

from inlier._arguments import Where
from inlier.items import Item


class Opened(ABC):
    """Something with items that is open until it is closed."""

    @abstractmethod
    def close(self) -> None: ...

    @property
    @abstractmethod
    def closed(self) -> bool: ...

    @property
    @abstractmethod
    def _place(self) -> str: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._place!r}{', closed' if self.closed else ''}>"

    def __bool__(self) -> bool:
        return True  # also when it is empty

    @abstractmethod
    def __getitem__(self, id: str) -> Item: ...

    @abstractmethod
    def items(self, *, where: Where | None = None, id_part: str = "") -> Iterator[Item]: ...

    def __iter__(self) -> Iterator[str]:
        return (item.id for item in self.items())

    def metadata(self, id: str) -> Mapping[str, str]:
        """The metadata of an item. Raises NotFoundError."""
        return self[id].metadata

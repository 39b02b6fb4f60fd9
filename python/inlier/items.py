"""The values that stand for what a catalogue holds, and for what was done to it."""

from __future__ import annotations

from inlier.values import Named, Value


class ItemPicture(Value):
    """One picture of an item."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """Its path or, when it came as bytes or pixels, the hash of its content."""
        return str(self._json["picture"])

    @property
    def width(self) -> int:
        """In pixels."""
        return int(self._json["width"])

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self._json["height"])

    @property
    def features(self) -> int:
        return int(self._json["features"])

    @property
    def content_hash(self) -> str:
        return str(self._json["content_hash"])

    def __repr__(self) -> str:
        return f"<ItemPicture {self.name!r}, {self.width} × {self.height}>"


class Item(Named):
    """An item of the catalogue."""

    __slots__ = ()

    @property
    def pictures(self) -> tuple[ItemPicture, ...]:
        return tuple(ItemPicture(picture) for picture in self._json["pictures"])

    @property
    def features(self) -> int:
        """Of all its pictures. Without any, no photo can find it."""
        return int(self._json["features"])

    @property
    def version(self) -> str:
        """A tag of what the item holds; equal tags mean equal items."""
        return str(self._json["version"])

    def __repr__(self) -> str:
        count = len(self._json["pictures"])
        return f"<Item {self.id!r}, {count} picture{'' if count == 1 else 's'}>"

    def _repr_html_(self) -> str:
        from inlier._html import item_table

        return item_table(self)


class TwinGroup(Value):
    """Items that cannot be told apart by their pictures."""

    __slots__ = ()

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(self._json["ids"])

    @property
    def likeness(self) -> float:
        """1 for equal pictures, 0.5 for pictures that differ as much as those of twins may."""
        return float(self._json["likeness"])

    @property
    def kind(self) -> str:
        """ "copies" or "twins"."""
        return str(self._json["kind"])

    def __repr__(self) -> str:
        return f"<TwinGroup {self.kind}: {', '.join(self.ids)}>"


class IndexReport(Value):
    """What indexing a catalogue did. The counts are attributes of the names that ``to_dict`` has:
    added, updated, unchanged, removed, failed, without_features and others."""

    __slots__ = ()

    @property
    def added(self) -> int:
        return int(self._json["added"])

    @property
    def updated(self) -> int:
        return int(self._json["updated"])

    @property
    def unchanged(self) -> int:
        return int(self._json["unchanged"])

    @property
    def removed(self) -> int:
        return int(self._json["removed"])

    @property
    def failed(self) -> int:
        """Pictures and rows that could not be used."""
        return int(self._json["failed"])

    @property
    def failures(self) -> tuple[str, ...]:
        """A sentence for each of these."""
        return tuple(self._json.get("failures", ()))

    def __repr__(self) -> str:
        return (
            f"<IndexReport {self.added} added, {self.updated} updated, {self.unchanged} unchanged, "
            f"{self.removed} removed, {self.failed} failed>"
        )

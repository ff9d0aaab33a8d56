"""Every match model that was ever used, in the archive: what an earlier day's sites were made with."""

from datetime import date, datetime
from pathlib import Path

from conjoin.keeping.folders import make_private
from conjoin.settings import Settings

_DAY = "%Y-%m-%dT%H%M%S"


def remember_model(settings: Settings, model: bytes, recorded_at: datetime) -> None:
    """Keep the model file that a run used, unless it is the one used last; it is never changed again."""
    folder = _folder(settings)
    kept = sorted(folder.glob("*.toml"))
    if kept and kept[-1].read_bytes() == model:
        return
    for private in (settings.archive, folder):
        make_private(private)
    target = folder / f"{recorded_at.strftime(_DAY)}.toml"
    building = target.with_name(f".{target.name}.building")
    building.write_bytes(model)
    building.chmod(0o444)
    building.replace(target)


def model_in_force(settings: Settings, day: date) -> Path | None:
    """The model file that the last run up to the end of ``day`` used; None if no run is that old."""
    kept = [path for path in sorted(_folder(settings).glob("*.toml")) if _used_from(path) <= day]
    return kept[-1] if kept else None


def _used_from(path: Path) -> date:
    return datetime.strptime(path.stem, _DAY).date()  # UTC throughout


def _folder(settings: Settings) -> Path:
    return settings.archive / "models"

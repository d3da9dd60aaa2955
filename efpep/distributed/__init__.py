"""Methods over a real network: :func:`efpep.distributed.run`."""

from efpep.distributed.network import run

__all__ = ["run"]

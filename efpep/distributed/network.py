"""``efpep.distributed.run``: a method with clients in processes of their own, over TCP on this machine."""

from __future__ import annotations

import multiprocessing
import secrets
import socket
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING, Any

import numpy as np

from efpep.compressors.operator import CompressionOperator
from efpep.distributed.channel import Channel, FrameKind, largest_frame
from efpep.distributed.client import Order, work
from efpep.distributed.door import MOST_WAITING, Door
from efpep.distributed.parties import ServerRun
from efpep.errors import InputError, UnavailableError
from efpep.methods.base import Method
from efpep.model.field import FLOATS, shown
from efpep.simulate.metrics import Recorder, columns
from efpep.simulate.participation import Choices
from efpep.simulate.prepare import (
    CLIENTS,
    PARTICIPATION,
    SERVER,
    check_whole,
    chosen,
    described,
    seeded,
    starting_point,
    with_step_size,
)
from efpep.simulate.simulate import divergence
from efpep.simulate.trajectory import Trajectory

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from efpep.simulate.problem import Problem

_LAST_WORD = 5.0
"""Seconds that processes have to end by themselves."""
_START = 60.0
"""Seconds that processes have at least to start, whatever the timeout."""


def run(
    method: Method,
    problem: Problem,
    iterations: int = 100,
    compressor: CompressionOperator | None = None,
    server_compressor: CompressionOperator | None = None,
    *,
    seed: int = 0,
    start: ArrayLike | None = None,
    record: Sequence[str] | None = None,
    record_every: int = 1,
    timeout: float = 60.0,
    progress: Callable[[int, int], None] | None = None,
) -> Trajectory:
    """Run a method with n client processes and a server, which exchange its encoded messages over TCP.

    Every process runs the method's ``step``; a client has its own functions, and of everybody else's what messages tell it. The
    iterates and the counts of bytes are those of :func:`efpep.simulate` with the same arguments, bit for bit and to the byte.
    Processes are spawned, so a script that calls this needs ``if __name__ == "__main__":``.

    Args:
        method: the method; an ``"optimal"`` step size is that of the problem's mu and L and the operator's class.
        problem: the clients' functions; a client uses ``problem.part(i)`` where there is one, else row i of everything.
        iterations: how many iterations are made.
        compressor: the clients' operator.
        server_compressor: the server's operator, for methods that compress what they broadcast.
        seed: of the random operators.
        start: the starting point, shape ``(d,)``; without it the problem's ``start``, else zeros.
        record: what is recorded; the errors of memories, which no single process knows, cannot be.
        record_every: how many iterations lie between records.
        timeout: how many seconds a process may keep the others waiting.
        progress: called with the iterations made and to make.

    Returns:
        What was recorded; ``client_bytes`` and ``server_bytes`` are the payloads that went over each connection.

    Raises:
        InputError: a number is impossible, or something that the method needs is missing.
        UnavailableError: a client is gone, fails, or does not answer in time; all processes are ended then.
    """
    check_whole("iterations", iterations, least=0)
    check_whole("record_every", record_every, least=1)
    if not timeout > 0:
        raise InputError(f"timeout is {shown(timeout)}; give a positive number of seconds.", argument="timeout")
    for name, operator in {"compressor": compressor, "server_compressor": server_compressor}.items():
        if operator is not None and not isinstance(operator, CompressionOperator):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InputError(
                f"{name} is {shown(operator)}, which has no wire format; give an operator such as TopK(10).", argument=name
            )
    x0 = starting_point(problem, start)
    clients, dimension = problem.gradients(x0).shape
    numeric = with_step_size(method, problem, compressor, clients, dimension)
    names = [name for name in columns(method, problem) if not name.startswith("error_")]
    recorder = Recorder(numeric, problem, chosen(names, record))
    order = {
        "timeout": timeout,
        "method": numeric.over(FLOATS),
        "problem": problem,
        "compressor": compressor,
        "server_compressor": server_compressor,
        "seed": seed,
        "clients": clients,
        "start": x0,
    }
    with _connected(order, clients, timeout) as channels, np.errstate(all="ignore"):
        operators = seeded(compressor, seed, CLIENTS), seeded(server_compressor, seed, SERVER)
        server = ServerRun(problem, *operators, channels, dimension)
        server.numeric.choices = Choices((seed, PARTICIPATION))
        begun = time.perf_counter()
        iterates, rows, x, diverged = _serve(
            numeric.over(FLOATS), server, x0, iterations, every=record_every, recorder=recorder, progress=progress
        )
        seconds = time.perf_counter() - begun
    question = {
        "method": described(numeric),
        "problem": described(problem),
        "compressor": described(compressor),
        "server": described(server_compressor),
        "seed": str(seed),
        "clients": str(clients),
        "dimension": str(dimension),
    }
    return Trajectory(
        {name: text for name, text in question.items() if text != "none"},
        np.array(iterates, dtype=np.int64),
        {name: np.array([row[name] for row in rows], dtype=np.float64) for name in recorder.names},
        x,
        server.client_bytes,
        server.server_bytes,
        diverged,
        seconds,
    )


def _serve(
    method: Method,
    server: ServerRun,
    x0: NDArray[np.float64],
    iterations: int,
    *,
    every: int,
    recorder: Recorder,
    progress: Callable[[int, int], None] | None,
) -> tuple[list[int], list[dict[str, float]], NDArray[np.float64], str | None]:
    """Run the server's side, and return the recorded iterations and rows, the last iterate, and how the run diverged, if so."""
    state: Any = server.begun(method, x0)
    iterates, rows, diverged = [0], [recorder.measure(state, server)], None
    for k in range(1, iterations + 1):
        for channel in server.channels:
            channel.send(kind=FrameKind.GO)
        state = server.stepped(method, state)
        diverged = divergence(state.x.value, x0, k)
        if k % every == 0 or k == iterations or diverged is not None:
            iterates.append(k)
            rows.append(recorder.measure(state, server))
        if progress is not None:
            progress(k, iterations)
        if diverged is not None:
            break
    for channel in server.channels:
        channel.send(kind=FrameKind.STOP)
    return iterates, rows, state.x.value, diverged


@contextmanager
def _connected(order: dict[str, Any], clients: int, timeout: float) -> Generator[list[Channel], None, None]:
    """Start the clients' processes, and give channels to them; whatever happens, no process stays behind."""
    context = multiprocessing.get_context("spawn")
    token = secrets.token_bytes(16)
    processes: list[BaseProcess] = []
    channels: dict[int, Channel] = {}

    def welcome(index: int, connection: socket.socket) -> None:
        channels[index] = Channel(connection, f"client {index}", timeout, largest_frame(len(order["start"])))

    with socket.create_server(("127.0.0.1", 0), backlog=clients + MOST_WAITING) as listener:
        address = listener.getsockname()[:2]
        try:
            for i in range(clients):
                told = Order(index=i, address=address, token=token, **order)
                process = context.Process(target=work, args=(told,), name=f"efpep-client-{i}", daemon=True)
                process.start()
                processes.append(process)
            door = Door(listener, token, clients)
            try:
                _accept(door, processes, welcome, timeout)
            finally:
                door.close()
            yield [channels[i] for i in range(clients)]
        finally:
            for channel in channels.values():
                channel.close()
            _end(processes)


def _accept(door: Door, processes: list[BaseProcess], welcome: Callable[[int, socket.socket], None], timeout: float) -> None:
    """Wait for all clients to say who they are; whoever else connects is dropped.

    Raises:
        UnavailableError: a client ends before it connects, or does not come in time.
    """
    patience = max(timeout, _START)
    deadline = time.monotonic() + patience
    while door.missing:
        door.admit(welcome)
        for i in door.missing:
            if processes[i].exitcode is not None:
                raise UnavailableError(
                    f"client {i} ended before it connected (exit code {processes[i].exitcode}), so the run is ended."
                )
        if door.missing and time.monotonic() > deadline:
            raise UnavailableError(
                f"client {door.missing[0]} did not connect within {patience:g} s, so the run is ended; try a longer timeout."
            )


def _end(processes: list[BaseProcess]) -> None:
    """End all processes, by force where they do not end by themselves."""
    deadline = time.monotonic() + _LAST_WORD
    for process in processes:
        process.join(max(0.0, deadline - time.monotonic()))
    for process in processes:
        if process.is_alive():
            process.kill()
            process.join()
        process.close()

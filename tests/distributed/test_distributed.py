"""A real network of processes: the simulator's bits and bytes; clients that are lost, late or failing."""

import contextlib
import multiprocessing
import os
import signal
import socket
import threading
import time

import numpy as np
import pytest
from support import one_sentence
from support.constrained import NUMBERS

import efpep
import efpep.distributed
from efpep.compressors.operators import Adversarial, Bernoulli, LowRank, NaturalCompression, Quantisation, Sign, Sparsification
from efpep.distributed.channel import HEADER, Channel, FrameKind
from efpep.distributed.door import Door, greeting
from efpep.methods import METHODS
from efpep.simulate.problems import RandomQuadratics
from efpep.simulate.quadratics import Quadratics

UP, DOWN = efpep.TopK(3), efpep.TopK(4)


class Constrained(RandomQuadratics):
    """Quadratics with a linear constraint and a ball; for the network everything is computed and one row taken."""

    part = None  # hidden, so that clients take their row of everything

    def constraint_values(self, x):
        return self.gradients(np.zeros(self.d)) @ x - 0.05

    def constraint_gradients(self, x):
        return self.gradients(np.zeros(self.d))

    def project(self, x):
        return x * min(1.0, 2 / max(np.linalg.norm(x), 1e-300))


def same(found, expected):
    assert np.array_equal(found.x, expected.x)
    assert np.array_equal(found.iterations, expected.iterations)
    for name, column in found.columns.items():
        assert np.array_equal(column, expected[name]), name
    assert np.array_equal(found.client_bytes, expected.client_bytes)
    assert found.server_bytes == expected.server_bytes
    assert found.diverged == expected.diverged


def method_for(key):
    constrained = {"threshold": "1/100"}
    more = {"safe-ef": constrained, "parallel-crpo": constrained, "constrained-cgd": constrained}
    more |= {
        "local-gd": {"local_steps": 2},
        "ef21-pp": {"p": "1/2"},
        "marina": {"p": "1/3"},
        "accelerated-ef21": NUMBERS["accelerated-ef21"],
    }
    return METHODS.find(key)("1/10", **more.get(key, {}))


FAST = ["ef21", "ef21-bc", "safe-ef"]
"""The others are alike and take a second each."""


@pytest.mark.fast_cases(2)
@pytest.mark.parametrize("key", [pytest.param(key, marks=[] if key in FAST else pytest.mark.slow) for key in METHODS.members])
def test_the_network_is_the_simulator(key):
    problem = Constrained(n=2, d=6, seed=1, heterogeneity=1)
    given = {"compressor": efpep.RandK(3), "server_compressor": DOWN, "seed": 4, "record_every": 4}
    method = method_for(key)
    if method.lazy:
        with pytest.raises(efpep.InputError, match="no message that says so"):
            efpep.distributed.run(method, problem, 15, **given)
        return
    found = efpep.distributed.run(method, problem, 15, **given)
    same(found, efpep.simulate(method, problem, 15, **given))
    assert found.client_bytes.min() > 0
    assert multiprocessing.active_children() == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "operator",
    [
        efpep.RandK(2, shared=True, scaled=True),
        Sparsification("1/2"),
        Bernoulli("1/3"),
        Sign(),
        Quantisation(4),
        NaturalCompression(),
        LowRank(1, 2, 3),
        Adversarial("1/2"),
        efpep.Identity(),
    ],
    ids=lambda operator: operator.key,
)
def test_every_operator_goes_over_the_network(operator):
    problem = RandomQuadratics(n=3, d=6, seed=1, heterogeneity=1)
    method = efpep.EF21BC("1/20")
    found = efpep.distributed.run(method, problem, 20, operator, operator, seed=2)
    same(found, efpep.simulate(method, problem, 20, operator, operator, seed=2))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["logistic:n=3,split=dirichlet", "svm:n=2", "neyman-pearson-network:n=2,hidden=3", "ridge:n=2"])
def test_every_kind_of_problem_goes_over_the_network(name):
    from efpep.simulate.problems import read_problem

    problem = read_problem(name)
    found = efpep.distributed.run(efpep.EF21("1/100"), problem, 20, UP)
    same(found, efpep.simulate(efpep.EF21("1/100"), problem, 20, UP))


def test_divergence_ends_the_network():
    problem = Quadratics([np.eye(2), 2 * np.eye(2)], [[1.0, 2.0], [0.0, 1.0]])
    found = efpep.distributed.run(efpep.GD(100), problem, 1000)
    same(found, efpep.simulate(efpep.GD(100), problem, 1000))
    assert "diverged" in found.diverged


def child(i):
    return next(process for process in multiprocessing.active_children() if process.name == f"efpep-client-{i}")


def test_a_killed_client_is_reported_and_nothing_hangs():
    def kill(done, total):
        if done == 3:
            os.kill(child(1).pid, signal.SIGKILL)

    begun = time.monotonic()
    with pytest.raises(efpep.UnavailableError, match="client 1 is gone") as refused:
        efpep.distributed.run(efpep.EF21(), RandomQuadratics(n=3, d=5), 10**6, UP, progress=kill)
    assert one_sentence(refused.value)
    assert multiprocessing.active_children() == []
    assert time.monotonic() - begun < 40


@pytest.mark.slow
def test_a_client_that_stops_is_reported_after_the_timeout():
    def stop(done, total):
        if done == 3:
            os.kill(child(0).pid, signal.SIGSTOP)

    with pytest.raises(efpep.UnavailableError, match="client 0 did not answer within 4 s") as refused:
        efpep.distributed.run(efpep.EF21(), RandomQuadratics(n=2, d=5), 10**6, UP, progress=stop, timeout=4)
    assert one_sentence(refused.value)
    assert multiprocessing.active_children() == []


class Failing(RandomQuadratics):
    """Whose client 1 fails in its own process."""

    def part(self, i):
        if i == 1:
            raise ValueError("no data here")
        return super().part(i)


def test_a_failing_client_says_why():
    with pytest.raises(efpep.UnavailableError, match="client 1 failed: no data here") as refused:
        efpep.distributed.run(efpep.EF21(), Failing(n=2, d=5), 10, UP)
    assert one_sentence(refused.value)
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"compressor": lambda v: v}, "wire format"),
        ({"timeout": 0}, "timeout"),
        ({"iterations": -1}, "iterations"),
        ({"record": ["error_d"]}, "error_d"),
    ],
)
def test_refusals_are_one_sentence(change, says):
    given = {"method": efpep.EF21("1/10"), "problem": RandomQuadratics(n=2, d=5), "iterations": 2, "compressor": UP, **change}
    with pytest.raises(efpep.InputError, match=says) as refused:
        efpep.distributed.run(**given)
    assert one_sentence(refused.value)


def test_channels_count_messages_and_overhead():
    left, right = socket.socketpair(socket.AF_UNIX)
    with left, right:
        left_end, right_end = (Channel.__new__(Channel), Channel.__new__(Channel))
        for end, connection in ((left_end, left), (right_end, right)):
            connection.settimeout(0.2)
            end._connection, end._timeout, end.peer = connection, 0.2, "the other end"
            end.sent = end.received = end.overhead = 0
            end._limit = 100
        left_end.send(b"12345")
        left_end.send(kind=FrameKind.GO)
        assert right_end.data() == b"12345"
        assert right_end.receive() == (FrameKind.GO, b"")
        assert (left_end.sent, right_end.received) == (5, 5)
        assert left_end.overhead == right_end.overhead == 10
        left_end.send(kind=FrameKind.STOP)
        for says, ask in (("another place", right_end.data), ("did not answer", right_end.data)):
            with pytest.raises(efpep.UnavailableError, match=says) as refused:
                ask()
            assert one_sentence(refused.value)
        left.close()
        with pytest.raises(efpep.UnavailableError, match="gone"):
            right_end.data()


# --- strangers ----------------------------------------------------------------------------------------------------------

FAILED = HEADER.pack(FrameKind.FAILED, 12) + b"\x1b[31mno\x1b[0m\n"
SPEECHES = {
    "connects and closes": None,
    "garbage": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 10,
    "an unknown kind": HEADER.pack(77, 20) + bytes(20),
    "a failure": FAILED,
    "one byte": b"\x01",
    "a huge length": HEADER.pack(FrameKind.HELLO, 2**32 - 1) + bytes(1000),
    "a wrong token": HEADER.pack(FrameKind.HELLO, 20) + bytes(20),
    "nothing": b"",
}


@pytest.fixture
def strangers(monkeypatch):
    """Lets strangers connect to the run's port as soon as it is open, all kinds of them, several times each."""
    opened, threads = [], []
    create = socket.create_server

    def created(address, **more):
        listener = create(address, **more)

        def visit():
            for speech in [*SPEECHES.values()] * 3:
                with contextlib.suppress(OSError):
                    visitor = socket.create_connection(listener.getsockname()[:2], 5)
                    opened.append(visitor)
                    if speech is None:
                        visitor.close()
                    elif speech:
                        visitor.sendall(speech)

        threads.append(threading.Thread(target=visit, daemon=True))
        threads[-1].start()
        threads[-1].join(10)  # all of them are there before the first client
        return listener

    monkeypatch.setattr(socket, "create_server", created)
    yield opened
    for visitor in opened:
        visitor.close()


def test_strangers_neither_end_nor_stall_a_run(strangers):
    problem = Constrained(n=2, d=6, seed=1, heterogeneity=1)
    given = {"compressor": efpep.TopK(3), "seed": 4}
    begin = time.monotonic()
    found = efpep.distributed.run(efpep.EF21("1/10"), problem, 5, timeout=20, **given)
    assert time.monotonic() - begin < 30
    assert len(strangers) == 3 * len(SPEECHES)
    same(found, efpep.simulate(efpep.EF21("1/10"), problem, 5, **given))


@pytest.mark.parametrize("heard", [0, 1, 3])
def test_a_door_admits_a_client_once_however_slowly_it_speaks(heard):
    token = bytes(range(16))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        door, come = Door(listener, token, 2), []
        frame = HEADER.pack(FrameKind.HELLO, 20) + greeting(token, 1)
        visitors = [socket.create_connection(listener.getsockname()[:2]) for _ in range(2)]
        for piece in (frame[:heard], frame[heard:]):
            for visitor in visitors:
                visitor.sendall(piece)
            for _ in range(4):
                door.admit(lambda index, connection: come.append((index, connection)))
        assert [index for index, _ in come] == [1]  # the other one says that it is a client that has come already
        assert door.missing == [0]
        door.close()
        for _, connection in come:
            connection.close()
        for visitor in visitors:
            visitor.close()


def channels(limit=100, timeout=0.3):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        left = socket.create_connection(listener.getsockname()[:2])
        return left, Channel(listener.accept()[0], "client 1", timeout, limit)


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (HEADER.pack(FrameKind.DATA, 101), "no message of a run"),
        (HEADER.pack(9, 0), "no message of a run"),
        (FAILED, "client 1 failed"),
        (HEADER.pack(FrameKind.DATA, 10), "did not answer"),
    ],
)
def test_frames_are_what_a_run_can_send(sent, says):
    left, channel = channels()
    left.sendall(sent)
    with pytest.raises(efpep.UnavailableError, match=says) as refused:
        channel.receive()
    assert str(refused.value).isprintable()
    left.close()
    channel.close()


def test_a_frame_has_one_deadline():
    left, channel = channels(timeout=0.5)
    stop = threading.Event()

    def drip():
        left.sendall(HEADER.pack(FrameKind.DATA, 50))
        while not stop.wait(0.1):
            with contextlib.suppress(OSError):
                left.sendall(b"x")

    thread = threading.Thread(target=drip)
    thread.start()
    begin = time.monotonic()
    with pytest.raises(efpep.UnavailableError, match="did not answer"):
        channel.receive()
    assert time.monotonic() - begin < 2
    stop.set()
    thread.join()
    left.close()
    channel.close()

"""A service on loopback that keeps every request and answers as it is told."""

import contextlib
import dataclasses
import itertools
import json
import socket
import threading
import time

ACCEPTED = b"HTTP/1.1 204 No Content\r\n\r\n"


@dataclasses.dataclass
class Request:
    method: str
    path: str
    head: bytes
    body: bytes
    # The whole body arrived: a service would act on it.
    is_whole: bool


def reply(body=b"", status="200 OK", *headers, kind="application/json"):
    if isinstance(body, str):
        body = body.encode()
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Service:
    """Calls `answer(request, socket)` for each request, in a thread of its own; by default it takes everything."""

    def __init__(self, answer=None):
        self.answer = answer or self.take
        self.requests, self.tasks, self.numbers = [], [], itertools.count(1)
        self.lock, self.over = threading.Lock(), threading.Event()
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/v1.2"
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while not self.over.is_set():
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        with client, contextlib.suppress(OSError):
            client.settimeout(120)
            request = read(client)
            if request is None:
                return
            with self.lock:
                self.requests.append(request)
            self.answer(request, client)
            # Closed at once, unread bytes would become a reset, which takes the answer with it.
            client.shutdown(socket.SHUT_WR)
            client.settimeout(2)
            while client.recv(65536):
                pass

    def sent(self, method="POST"):
        """The requests that a service would have acted on."""
        with self.lock:
            return [request for request in self.requests if request.method == method and request.is_whole]

    def wait_for(self, count, method="POST", seconds=60):
        give_up = time.monotonic() + seconds
        while len(self.sent(method)) < count and time.monotonic() < give_up:
            time.sleep(0.01)
        return len(self.sent(method)) >= count

    def take(self, request, client):
        """As the service does: a transfer has no body, a task its id, a listing what was taken."""
        if request.method == "POST" and request.path.endswith("/transfers"):
            client.sendall(ACCEPTED)
        elif request.method == "POST":
            with self.lock:
                id = f"{next(self.numbers):024x}"
                self.tasks.append(id)
            client.sendall(reply(json.dumps({"_id": id}), "201 Created"))
        else:
            client.sendall(reply(listing([])))

    def close(self):
        self.over.set()
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def listing(tasks):
    return json.dumps({"data": tasks, "page_info": {"limit_per_page": 50, "page": 1, "total_page": 1, "total_results": len(tasks)}})


def read(client):
    """One request; None if not even its head arrived."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = client.recv(65536)
        if not more:
            return None
        data += more
    head, body = data.split(b"\r\n\r\n", 1)
    method, path, _ = head.split(b"\r\n")[0].decode(errors="replace").split(" ", 2)
    fields = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:] if b":" in line)
    length = fields.get(b"content-length")
    is_over = lambda: len(body) >= int(length) if length else not fields.get(b"transfer-encoding") or body.endswith(b"0\r\n\r\n")
    with contextlib.suppress(OSError):
        while not is_over():
            more = client.recv(65536)
            if not more:
                break
            body += more
    return Request(method, path, head, body, is_over())

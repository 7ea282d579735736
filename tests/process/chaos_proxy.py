"""A TCP proxy that misbehaves on request: what stands between two nodes on a bad day.

    none        bytes pass
    delay       every piece waits up to half a second
    reset       a connection is reset after some thousand bytes
    drip        a few bytes at a time
    half-open   the far side is gone and nobody says so: bytes are taken and dropped
    stop-out    what the dialling side sends stays in the proxy; the other way passes
    stop-in     the reverse
    stop        both

One thread with an event loop; `set_fault` and `cut` may be called from any other.
"""

import asyncio
import random
import socket
import struct
import threading

FAULTS = ("delay", "reset", "drip", "half-open", "stop-out", "stop-in", "stop")
DELAY_SECONDS_MAX = 0.5
RESET_BYTES_MAX = 8192
DRIP_BYTES_MAX = 64
DRIP_SECONDS = 0.005
LOOK_SECONDS = 0.02
CHUNK = 65536
RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER with no time: RST instead of FIN


class ChaosProxy:
    """Listens on 127.0.0.1:`port` and passes to 127.0.0.1:`target_port`."""

    def __init__(self, target_port: int, seed: str):
        self.target_port = target_port
        self.fault = "none"
        self.random = random.Random(f"proxy {seed}")
        self.writers: set[asyncio.StreamWriter] = set()
        self.loop = asyncio.new_event_loop()
        self.server = self.loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", 0)
        )
        self.port = self.server.sockets[0].getsockname()[1]
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def set_fault(self, fault: str) -> None:
        self.fault = fault

    def cut(self) -> None:
        """Resets every connection that is open now."""
        asyncio.run_coroutine_threadsafe(self._cut(), self.loop).result()

    def close(self) -> None:
        self.fault = "none"
        asyncio.run_coroutine_threadsafe(self._end(), self.loop).result()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    async def _cut(self) -> None:
        for writer in list(self.writers):
            self._reset(writer)

    async def _end(self) -> None:
        self.server.close()
        await self._cut()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    def _reset(self, writer: asyncio.StreamWriter) -> None:
        link = writer.get_extra_info("socket")
        if link is not None and link.fileno() >= 0:
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        writer.transport.abort()
        self.writers.discard(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            target = await asyncio.open_connection("127.0.0.1", self.target_port)
        except OSError:
            self._reset(writer)
            return
        ends = (writer, target[1])
        self.writers.update(ends)
        await asyncio.gather(
            self._pump(reader, target[1], ends, "stop-out"),
            self._pump(target[0], writer, ends, "stop-in"),
        )
        for end in ends:
            self._reset(end)

    async def _pump(self, reader, writer, ends: tuple, stop: str) -> None:
        """Until one end is gone. A half-open connection outlives its far side."""
        life = self.random.randint(1, RESET_BYTES_MAX)
        is_dropping = False
        try:
            while chunk := await reader.read(CHUNK):
                while self.fault in (stop, "stop"):
                    await asyncio.sleep(LOOK_SECONDS)
                is_dropping = is_dropping or self.fault == "half-open"
                if is_dropping:
                    continue
                if self.fault == "reset" and (life := life - len(chunk)) < 0:
                    break
                await self._pass(chunk, writer)
        except OSError:
            pass
        for end in ends:
            if not is_dropping or end is not writer:
                self._reset(end)

    async def _pass(self, chunk: bytes, writer) -> None:
        if self.fault == "delay":
            await asyncio.sleep(self.random.uniform(0, DELAY_SECONDS_MAX))
        while self.fault == "drip" and chunk:
            size = self.random.randint(1, DRIP_BYTES_MAX)
            writer.write(chunk[:size])
            await writer.drain()
            chunk = chunk[size:]
            await asyncio.sleep(DRIP_SECONDS)
        writer.write(chunk)
        await writer.drain()

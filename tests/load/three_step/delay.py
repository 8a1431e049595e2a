"""A proxy that stands between the server and PostgreSQL and makes every round trip longer.

python tests/load/three_step/delay.py SOCKET MILLISECONDS     # prints its port on 127.0.0.1
"""

from __future__ import annotations

import asyncio
import sys

CHUNK = 65536


async def _carry(source: asyncio.StreamReader, target: asyncio.StreamWriter, delay: float) -> None:
    """Carry bytes over, each `delay` seconds after it came; what comes in the meantime is under way as well."""
    loop = asyncio.get_running_loop()
    under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def receive() -> None:
        chunk = b"-"
        while chunk:
            try:
                chunk = await source.read(CHUNK)
            except ConnectionError:
                chunk = b""
            under_way.put_nowait((loop.time() + delay, chunk))

    receiving = asyncio.create_task(receive())
    while True:
        due, chunk = await under_way.get()
        if due > loop.time():
            await asyncio.sleep(due - loop.time())
        if not chunk:
            break
        target.write(chunk)
    await receiving
    target.close()


async def _serve(path: str, delay: float) -> None:
    connections: set[asyncio.Task[None]] = set()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        database_reader, database_writer = await asyncio.open_unix_connection(path)
        for way in (_carry(reader, database_writer, delay), _carry(database_reader, writer, 0.0)):
            task = asyncio.create_task(way)
            connections.add(task)
            task.add_done_callback(connections.discard)

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - whoever started it reads the port
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], float(sys.argv[2]) / 1000))

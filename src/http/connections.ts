import type { Socket } from "node:net";

/** How long a connection may stand, in milliseconds. */
export interface ConnectionLimits {
  /** Without a complete request, the handshake included. */
  readonly idleMs: number;
  /** While requests are under way, from the beginning of the newest. */
  readonly requestMs: number;
}

/** The connections of one listener. */
export interface Connections {
  /** Takes note of a new one. */
  watch(socket: Socket): void;
  /** Says that a request has come; who calls the answer says that it is over. */
  begin(socket: Socket): () => void;
  /** Ends all. */
  endAll(): void;
}

/**
 * Ends connections on which nothing gets done in time, however slowly their bytes keep coming: a
 * caller who sends a letter a minute holds nothing for long.
 */
export function createConnections({ idleMs, requestMs }: ConnectionLimits): Connections {
  const known = new Map<string, Watched>();
  const clock = (socket: Socket, milliseconds: number) =>
    setTimeout(() => socket.destroy(), milliseconds).unref();

  function count(name: string, step: 1 | -1) {
    const watched = known.get(name);
    if (!watched) return;
    watched.open += step;
    if (step < 0 && watched.open > 0) return;
    clearTimeout(watched.timer);
    watched.timer = clock(watched.socket, watched.open > 0 ? requestMs : idleMs);
  }

  return {
    watch(socket) {
      const name = nameOf(socket);
      const before = known.get(name);
      if (before?.socket === socket) return;
      // A port that is used again may be heard of before the end of its last connection is.
      clearTimeout(before?.timer);
      const watched: Watched = { socket, open: 0, timer: clock(socket, idleMs) };
      known.set(name, watched);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        clearTimeout(watched.timer);
        if (known.get(name) === watched) known.delete(name);
      });
    },
    begin(socket) {
      const name = nameOf(socket);
      count(name, 1);
      return () => count(name, -1);
    },
    endAll() {
      for (const { socket } of known.values()) socket.destroy();
    },
  };
}

interface Watched {
  readonly socket: Socket;
  open: number;
  timer: NodeJS.Timeout;
}

/** The other end's address and port: HTTP/2 hands out stand-ins of its socket, which have no other name. */
function nameOf({ remoteAddress, remotePort }: Pick<Socket, "remoteAddress" | "remotePort">) {
  return `${remoteAddress} ${remotePort}`;
}

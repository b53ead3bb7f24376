import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** Marks a message's intended time of sending, in whole microseconds of 13 digits, wherever it turns up. */
const marker = Buffer.from("~~");
const stampLength = 13;

export const stamp = (microseconds: number): string =>
  `~~${String(Math.round(microseconds)).padStart(stampLength, "0")}`;

/**
 * A WebSocket client that costs next to nothing: it takes no frames apart, it looks for stamps in the bytes as they come. So
 * that the one that measures is not what is measured.
 */
export class RawSocket {
  isClosed = false;
  readonly #socket: Socket;
  readonly #onStamp: (microseconds: number) => void;
  #tail: Buffer = Buffer.alloc(0);

  private constructor(socket: Socket, onStamp: (microseconds: number) => void) {
    this.#socket = socket;
    this.#onStamp = onStamp;
  }

  static async open(options: {
    readonly port: number;
    readonly path: string;
    readonly protocol?: string | undefined;
    /** Sent once the socket is open, and answered before it is ready. */
    readonly hello?: string | undefined;
    readonly onStamp: (microseconds: number) => void;
  }): Promise<RawSocket> {
    const { port, path, protocol, hello, onStamp } = options;
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    socket.on("error", () => {});
    await once(socket, "connect");
    const key = randomBytes(16).toString("base64");
    const offer = protocol === undefined ? "" : `Sec-WebSocket-Protocol: ${protocol}\r\n`;
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n${offer}\r\n`,
    );
    const raw = new RawSocket(socket, onStamp);
    const head = await raw.#until((bytes) => bytes.includes("\r\n\r\n"));
    if (!head.subarray(0, 12).toString().endsWith("101")) throw new Error(head.subarray(0, 200).toString());
    if (hello !== undefined) {
      raw.send(textFrame(hello));
      await raw.#until((bytes) => bytes.includes('40{"sid"'));
    }
    socket.on("data", (chunk) => raw.#read(chunk));
    socket.once("close", () => {
      raw.isClosed = true;
    });
    return raw;
  }

  send(frame: Uint8Array): void {
    this.#socket.write(frame);
  }

  /** Cuts the connection, as a network does. */
  destroy(): void {
    this.#socket.destroy();
  }

  async #until(isThere: (bytes: Buffer) => boolean): Promise<Buffer> {
    let bytes = Buffer.alloc(0);
    while (!isThere(bytes)) {
      const [chunk]: unknown[] = await Promise.race([
        once(this.#socket, "data"),
        once(this.#socket, "close").then(() => []),
      ]);
      if (!Buffer.isBuffer(chunk)) throw new Error(`The server closed the connection: ${bytes.toString()}`);
      bytes = Buffer.concat([bytes, chunk]);
    }
    return bytes;
  }

  #read(chunk: Buffer): void {
    const bytes = this.#tail.length === 0 ? chunk : Buffer.concat([this.#tail, chunk]);
    let at = bytes.indexOf(marker);
    while (at >= 0 && at + 2 + stampLength <= bytes.length) {
      let microseconds = 0;
      for (let digit = at + 2; digit < at + 2 + stampLength; digit++)
        microseconds = microseconds * 10 + (bytes[digit] ?? 48) - 48;
      this.#onStamp(microseconds);
      at = bytes.indexOf(marker, at + 2 + stampLength);
    }
    // A stamp may be cut in two.
    const keep = at >= 0 ? bytes.length - at : 1;
    this.#tail =
      at >= 0 || bytes.at(-1) === marker[0] ? Buffer.from(bytes.subarray(bytes.length - keep)) : Buffer.alloc(0);
  }
}

/** A masked frame whose mask is zero, so that the payload stands in it as it is. */
function frame(opcode: number, payload: Uint8Array): Buffer {
  const length = payload.length;
  const head = length < 126 ? Buffer.alloc(6) : Buffer.alloc(8);
  head[0] = 0x80 | opcode;
  if (length < 126) head[1] = 0x80 | length;
  else {
    head[1] = 0x80 | 126;
    head.writeUInt16BE(length, 2);
  }
  return Buffer.concat([head, payload]);
}

export const binaryFrame = (payload: Uint8Array): Buffer => frame(2, payload);
export const textFrame = (text: string): Buffer => frame(1, Buffer.from(text));

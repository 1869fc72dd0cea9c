/** Frames that a server has sent over a WebSocket. */
export interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** The whole frames so far. None is masked, and none longer than 65,535 bytes. */
export const readFrames = (bytes: Buffer): Frame[] => {
  const frames: Frame[] = [];
  for (let at = 0; at + 2 <= bytes.length;) {
    const short = bytes[at + 1]!;
    const begin = short === 126 ? at + 4 : at + 2;
    if (begin > bytes.length) break;
    const length = short === 126 ? bytes.readUInt16BE(at + 2) : short;
    if (begin + length > bytes.length) break;
    frames.push({ opcode: bytes[at]! & 0x0f, payload: bytes.subarray(begin, begin + length) });
    at = begin + length;
  }
  return frames;
};

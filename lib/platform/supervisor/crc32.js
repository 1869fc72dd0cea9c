/**
 * CRC-32 as zips have it (ISO 3309), for a third of the computrons of a loop over bytes: it goes
 * through 32-bit words, and looks each up in three parts.
 *
 * The state after four more bytes is a linear function of the state xor these bytes. So it is the
 * xor of the function's values for the lowest 11 bits, the next 11 and the highest 10.
 */
const POLYNOMIAL = 0xedb88320;
/** The tables for words are worth their making from here on. */
const MANY_BYTES = 8192;

/** The state after a number of zero bits. */
const shift = (state, bits) => {
  let shifted = state;
  for (let bit = 0; bit < bits; bit += 1) {
    shifted = (shifted >>> 1) ^ (shifted & 1 ? POLYNOMIAL : 0);
  }
  return shifted;
};

/** The states after `bits` zero bits, from each state that has only `size` bits from `first` on. */
const makeTable = (first, size, bits) => {
  const table = new Int32Array(2 ** size);
  for (let bit = 0; bit < size; bit += 1) {
    const half = 2 ** bit;
    const ofBit = shift(1 << (first + bit), bits);
    for (let low = 0; low < half; low += 1) table[half + low] = table[low] ^ ofBit;
  }
  return table;
};

/**
 * Makes a function for the CRC of parts of some bytes. Its tables take 21 KB and 80,000 computrons,
 * if the bytes are many.
 *
 * @param {Uint8Array} bytes
 * @returns {(start: number, end: number) => number}
 */
export const makeCrc32 = bytes => {
  const ofByte = makeTable(0, 8, 8);
  const addBytes = (first, start, end) => {
    let state = first;
    for (let at = start; at < end; at += 1) {
      state = (state >>> 8) ^ ofByte[(state ^ bytes[at]) & 255];
    }
    return state;
  };
  if (bytes.length < MANY_BYTES) return (start, end) => ~addBytes(-1, start, end) >>> 0;
  const low = makeTable(0, 11, 32);
  const middle = makeTable(11, 11, 32);
  const high = makeTable(22, 10, 32);
  const { buffer, byteOffset } = bytes;
  // XS runs on little-endian machines only, and signed words are its fast integers.
  const words = new Int32Array(buffer, 0, (byteOffset + bytes.length) >>> 2);
  return (start, end) => {
    const aligned = Math.min(end, start + (-(byteOffset + start) & 3));
    let state = addBytes(-1, start, aligned);
    let word = (byteOffset + aligned) >>> 2;
    const wordsEnd = word + ((end - aligned) >>> 2);
    const rest = aligned + ((wordsEnd - word) << 2);
    const pairsEnd = wordsEnd - 1;
    while (word < pairsEnd) {
      state ^= words[word];
      state = low[state & 2047] ^ middle[(state >>> 11) & 2047] ^ high[state >>> 22];
      state ^= words[word + 1];
      state = low[state & 2047] ^ middle[(state >>> 11) & 2047] ^ high[state >>> 22];
      word += 2;
    }
    if (word < wordsEnd) {
      state ^= words[word];
      state = low[state & 2047] ^ middle[(state >>> 11) & 2047] ^ high[state >>> 22];
    }
    return ~addBytes(state, rest, end) >>> 0;
  };
};

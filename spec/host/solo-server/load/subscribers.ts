/** Clients that listen to the blocks for as long as the load lasts. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { head, openRaw, upgradeHeaders } from '../raw-client.js';
import type { BlocksReport, LoadOrder } from './orders.js';

const READERS = 6;
/** Those that read nothing of what they get. */
const SLEEPERS = 2;

const TENTHS = 10;

export const subscribe = async ({ port, token, requests, rate }: LoadOrder) => {
  const authorization = `Bearer ${token}`;
  const startedAt = performance.now();
  const tenth = ((requests / rate) * 1000) / TENTHS;
  const tenths = Array<number>(TENTHS).fill(0);
  let isOver = false;
  let gaps = 0;
  let heard = 0;
  let longestPause = 0;
  let lastAt = startedAt;

  const count = (): void => {
    const now = performance.now();
    heard += 1;
    longestPause = Math.max(longestPause, now - lastAt);
    lastAt = now;
    const part = Math.floor((now - startedAt) / tenth);
    if (part < TENTHS) tenths[part]! += 1;
  };

  const listen = async (isFirst: boolean): Promise<WebSocket> => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/events`, {
      headers: { authorization },
    });
    let height: number | undefined;
    socket.on('message', (data: Buffer) => {
      if (isOver) return;
      const block = JSON.parse(data.toString('utf8')) as { readonly height: number };
      if (height !== undefined && block.height !== height + 1) gaps += 1;
      ({ height } = block);
      if (isFirst) count();
    });
    socket.on('close', () => {
      if (!isOver) gaps += 1;
    });
    socket.on('error', () => undefined);
    await once(socket, 'open');
    return socket;
  };
  const readers = await Promise.all(
    Array.from({ length: READERS }, (_, index) => listen(index === 0)),
  );
  const sleepers = Array.from({ length: SLEEPERS }, () => {
    const raw = openRaw(port);
    raw.socket.pause();
    raw.write(head('GET /v1/events', { ...upgradeHeaders, authorization }));
    return raw;
  });
  return {
    end: (): BlocksReport => {
      isOver = true;
      for (const reader of readers) reader.terminate();
      for (const { socket } of sleepers) socket.destroy();
      return { heard, tenths, gaps, longestPause: Math.round(longestPause) };
    },
  };
};

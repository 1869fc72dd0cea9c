/** Numbers and times as text. */
const whole = new Intl.NumberFormat('en');
const short = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

export const count = (value: number): string => whole.format(value);

export const bytes = (value: number | null): string => (value === null ? '–' : `${count(value)} B`);

export const seconds = (value: number): string => `${short.format(value)} s`;

export const millis = (value: number): string =>
  value >= 1000 ? seconds(value / 1000) : `${short.format(value)} ms`;

export const clock = (time: number): string => new Date(time).toLocaleTimeString('en-GB');

export const dateAndTime = (time: number): string =>
  `${new Date(time).toLocaleDateString('sv')} ${clock(time)}`;

export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

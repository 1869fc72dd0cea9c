/** Whether a solo server runs on the home that the inspector looks at. */
import { SoloServerNotFoundError } from '../host/solo-server/errors.js';
import { findServer } from '../host/solo-server/server-file.js';

const urlOf = (home: string): string | null => {
  try {
    return findServer(home).url;
  } catch (error) {
    if (error instanceof SoloServerNotFoundError) return null;
    throw error;
  }
};

export class LiveServer {
  readonly #home: string;

  #url: string | null;

  constructor(home: string) {
    this.#home = home;
    this.#url = urlOf(home);
  }

  /** Null while none runs. */
  get url(): string | null {
    return this.#url;
  }

  /** @returns whether it has started, stopped or moved since the last look */
  look(): boolean {
    const before = this.#url;
    this.#url = urlOf(this.#home);
    return this.#url !== before;
  }
}

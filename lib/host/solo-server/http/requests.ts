/** What requests may hold. Fastify's ajv checks them, without changing types. */
import Type from 'typebox';
import type { Static } from 'typebox';

const exact = { additionalProperties: false };

/** Longer names belong to no vat and no method that anybody calls. */
const name = () => Type.String({ minLength: 1, maxLength: 1_000 });

export const messageBody = Type.Object(
  {
    /** Name of a static vat, or the vatID of any. */
    vat: name(),
    method: name(),
    args: Type.Optional(Type.Array(Type.Unknown())),
  },
  exact,
);

export type MessageBody = Static<typeof messageBody>;

/** The kernel checks the rest, with the archive. */
export const bundleBody = Type.Object({ moduleFormat: name() });

/** Of a request that says everything by its route. */
export const emptyBody = Type.Object({}, exact);

const digits = (most: number) => Type.String({ pattern: `^[0-9]{1,${most}}$` });

export const bundleQuery = Type.Object({ bundleID: Type.Optional(name()) }, exact);

export const resultParams = Type.Object(
  { kpid: Type.String({ pattern: '^kp[0-9]{1,16}$' }) },
  exact,
);

/** Seconds that the answer may wait for the result. */
export const resultQuery = Type.Object({ wait: Type.Optional(digits(2)) }, exact);

export const vatsQuery = Type.Object(
  {
    after: Type.Optional(Type.String({ pattern: '^v[0-9]{1,16}$' })),
    limit: Type.Optional(digits(4)),
  },
  exact,
);

/** What requests to the inspector may hold. Fastify's ajv checks them, without changing types. */
import Type from 'typebox';
import type { Static, TSchema } from 'typebox';

const exact = { additionalProperties: false };

const pattern = (source: string) => Type.String({ pattern: `^(?:${source})$`, maxLength: 40 });

/** Up to 15 digits, which a number holds exactly. */
const wholeNumber = () => Type.Optional(pattern('[0-9]{1,15}'));

const DIGITS = '[0-9]{1,15}';

export const pulseQuery = Type.Object({ after: wholeNumber(), wait: wholeNumber() }, exact);
export const afterQuery = Type.Object({ after: wholeNumber(), limit: wholeNumber() }, exact);
export const fromQuery = Type.Object({ from: wholeNumber(), limit: wholeNumber() }, exact);
export const beforeQuery = Type.Object({ before: wholeNumber(), limit: wholeNumber() }, exact);
export const promisesQuery = Type.Object(
  {
    after: wholeNumber(),
    limit: wholeNumber(),
    state: Type.Optional(pattern('unresolved|fulfilled|rejected')),
  },
  exact,
);
export const clistQuery = Type.Object(
  { after: wholeNumber(), limit: wholeNumber(), kind: Type.Optional(pattern('ko|kp|kd')) },
  exact,
);
export const noQuery = Type.Object({}, exact);

export const vatParams = Type.Object({ vatID: pattern(`v${DIGITS}`) }, exact);
export const itemParams = Type.Object(
  { vatID: pattern(`v${DIGITS}`), position: pattern(DIGITS) },
  exact,
);
export const ownerParams = Type.Object({ owner: pattern(`[vd]${DIGITS}`) }, exact);
export const queueParams = Type.Object({ queue: pattern('run|acceptance') }, exact);
export const krefParams = Type.Object({ kref: pattern(`k[opd]${DIGITS}`) }, exact);

export type Read<Schema extends TSchema> = Static<Schema>;

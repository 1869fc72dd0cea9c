/**
 * What transactions ask a chain to do. The types and `schemas/chain-transaction.schema.json` both
 * come from here. See `lib/types/option-schema.ts`.
 */
import Type from 'typebox';
import type { Static, TSchema } from 'typebox';
import { platformOptions } from '../../platform-epoch/platform-options.js';
import type { ParameterRule } from '../../types/parameter-rules-schema.js';
import { epochName, names } from '../../types/option-schema.js';
import type { GivenParams } from '../chain-params.js';

const exact = { additionalProperties: false };

/** Longer names are no use, and are rows of the chain's state. */
const name = (expected: string) => Type.String({ minLength: 1, maxLength: 256, expected });

const wholeNumber = (minimum: number, expected: string) =>
  Type.Integer({ minimum, maximum: Number.MAX_SAFE_INTEGER, expected });

const count = () => wholeNumber(1, 'a positive integer up to 2^53-1');
const index = () => wholeNumber(0, 'an integer from 0 to 2^53-1');

const messageAction = Type.Object(
  {
    type: Type.Literal('message'),
    /** The name under which a vat has published a facet. */
    to: name('the name of a published facet, 1 to 256 characters'),
    /** The facet's method. */
    method: name('the name of a method, 1 to 256 characters'),
    /**
     * JSON. The method gets the sender's address before them. At most 100: each takes a place on the
     * stacks of the vats that pass it on.
     */
    args: Type.Unsafe<readonly unknown[]>({
      type: 'array',
      maxItems: 100,
      expected: 'a list of at most 100 arguments',
    }),
  },
  exact,
);

const numberedMessage = Type.Unsafe<readonly [num: number, body: string]>({
  type: 'array',
  items: [count(), Type.String()],
  minItems: 2,
  maxItems: 2,
  expected: 'a number and a text: [num, body]',
});

const mailboxAction = Type.Object(
  {
    type: Type.Literal('mailbox'),
    /** Messages of the sender's outbox: `[num, body]`. */
    messages: Type.Unsafe<readonly (readonly [num: number, body: string])[]>(
      Type.Array(numberedMessage),
    ),
    /** The highest number that the sender has received. */
    ack: index(),
  },
  exact,
);

const bridgeAction = Type.Object(
  {
    type: Type.Literal('bridge'),
    /** The port: the first argument of the bridge's inbound handler. */
    port: name('the name of a port, 1 to 256 characters'),
    /** JSON. */
    message: Type.Unknown(),
  },
  exact,
);

const installBundleAction = Type.Object(
  {
    type: Type.Literal('installBundle'),
    /** The bundle's ID, which its bytes are checked against. */
    bundleID: Type.String({
      pattern: '^b(1-[0-9a-f]{128}|0-[0-9a-f]{64})$',
      expected: 'a bundleID, such as b1-… with 128 hexadecimal digits',
    }),
    /** The number of this chunk, from 0. */
    chunk: index(),
    /** How many chunks the bundle has. */
    chunks: count(),
    /** Bytes of the whole bundle. */
    size: count(),
    /** This chunk of the bundle's JSON, in base64. */
    bytes: Type.String({ minLength: 4, expected: 'bytes in base64' }),
  },
  exact,
);

const proposeAction = Type.Object(
  {
    type: Type.Literal('propose'),
    /** A function expression, evaluated in the chain vat: `async powers => { … }`. */
    code: Type.String({ minLength: 1, expected: 'a function expression' }),
    /** The powers that the code gets; default all. JSON. */
    permits: Type.Optional(
      Type.Unsafe<true | Readonly<Record<string, unknown>>>({
        anyOf: [{ type: 'object' }, { const: true }],
        expected: 'a record of names, or true',
      }),
    ),
  },
  exact,
);

const planRestart = Type.Object(
  {
    /** `eager` (default), `lazy` or `rolling`. */
    mode: Type.Optional(Type.Enum(['eager', 'lazy', 'rolling'])),
    /** What becomes of a vat that can't start; default `suspend`. */
    onVatFailure: Type.Optional(Type.Enum(['suspend', 'panic', 'terminate'])),
    /** Names or vatIDs of vats that keep their incarnation. */
    exempt: Type.Optional(names()),
    /** The engine of vats whose record names none: `installed`, or as the ledger names it. */
    assumeEngine: Type.Optional(Type.String({ minLength: 1, expected: 'installed or an engine' })),
    /** Rules for the parameters that vats start with, as in `vat-parameter-rules.schema.json`. */
    vatParameters: Type.Optional(
      Type.Unsafe<readonly ParameterRule[]>({
        $ref: 'vat-parameter-rules.schema.json#/properties/rules',
      }),
    ),
  },
  exact,
);

export interface PlanRestart extends Readonly<Static<typeof planRestart>> {}

const upgradePlan = Type.Object(
  {
    /** The platform epoch that the software of this upgrade has. */
    name: epochName('the name of an upgrade,'),
    /** The first height that the new software executes. */
    height: count(),
    /** For operators, in `upgrade-info.json`: what to install. */
    info: Type.String({ maxLength: 10_000, expected: 'a text of at most 10,000 characters' }),
    /** How vats restart. */
    restart: Type.Optional(Type.Unsafe<PlanRestart>(planRestart)),
    ...platformOptions,
    /** Parameters of the chain that change with the upgrade. */
    params: Type.Optional(Type.Unsafe<GivenParams>({ $ref: 'chain-params.schema.json' })),
  },
  exact,
);

export interface UpgradePlan extends Readonly<Static<typeof upgradePlan>> {}

const scheduleUpgradeAction = Type.Object(
  {
    type: Type.Literal('scheduleUpgrade'),
    plan: Type.Unsafe<UpgradePlan>(upgradePlan),
  },
  exact,
);

const cancelUpgradeAction = Type.Object(
  {
    type: Type.Literal('cancelUpgrade'),
    /** The name of the plan. */
    name: name('the name of an upgrade, 1 to 256 characters'),
  },
  exact,
);

const validatorAction = Type.Object(
  {
    type: Type.Literal('validator'),
    /** The validator's ed25519 key. */
    publicKey: Type.String({ pattern: '^[0-9a-f]{64}$', expected: '64 hexadecimal digits' }),
    /** Voting power; 0 removes the validator. */
    power: index(),
  },
  exact,
);

export interface MessageAction extends Readonly<Static<typeof messageAction>> {}
export interface MailboxAction extends Readonly<Static<typeof mailboxAction>> {}
export interface BridgeAction extends Readonly<Static<typeof bridgeAction>> {}
export interface InstallBundleAction extends Readonly<Static<typeof installBundleAction>> {}
export interface ProposeAction extends Readonly<Static<typeof proposeAction>> {}
export interface ScheduleUpgradeAction extends Readonly<Static<typeof scheduleUpgradeAction>> {}
export interface CancelUpgradeAction extends Readonly<Static<typeof cancelUpgradeAction>> {}
export interface ValidatorAction extends Readonly<Static<typeof validatorAction>> {}

/** Told apart by `type`. */
export type Action =
  | MessageAction
  | MailboxAction
  | BridgeAction
  | InstallBundleAction
  | ProposeAction
  | ScheduleUpgradeAction
  | CancelUpgradeAction
  | ValidatorAction;

export type ActionType = Action['type'];

const shapes: Readonly<Record<ActionType, TSchema>> = {
  message: messageAction,
  mailbox: mailboxAction,
  bridge: bridgeAction,
  installBundle: installBundleAction,
  propose: proposeAction,
  scheduleUpgrade: scheduleUpgradeAction,
  cancelUpgrade: cancelUpgradeAction,
  validator: validatorAction,
};

const action = Type.Unsafe<Action>({
  type: 'object',
  required: ['type'],
  properties: { type: { enum: Object.keys(shapes) } },
  allOf: Object.keys(shapes).map(type => ({
    if: { required: ['type'], properties: { type: { const: type } } },
    then: { $ref: `#/definitions/${type}Action` },
  })),
});

/** What a signature covers, beside the chain's ID. */
export const chainTransaction = Type.Object(
  {
    /** How many transactions of this account the chain has executed. */
    sequence: index(),
    /** Done in order: all of them or, when the transaction is refused, none. */
    actions: Type.Unsafe<readonly Action[]>(
      Type.Array(action, { minItems: 1, maxItems: 100, expected: 'a list of 1 to 100 actions' }),
    ),
    /** The actions go to the priority queue. */
    priority: Type.Optional(Type.Literal(true)),
  },
  {
    $id: 'chain-transaction.schema.json',
    title: 'The body of a transaction of a chain',
    ...exact,
    definitions: Object.fromEntries(
      Object.entries(shapes).map(([type, shape]) => [`${type}Action`, shape]),
    ),
  },
);

export interface TransactionBody extends Readonly<Static<typeof chainTransaction>> {}

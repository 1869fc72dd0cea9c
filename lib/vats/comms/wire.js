// @ts-check
/**
 * The text protocol between comms vats.
 *
 * A message is `<seqNum>:<ackNum>:` followed by lines of one command each:
 *
 *     deliver:<target>:<result or nothing>[:<slot>...];<methargs body>
 *     resolve:fulfill:<promise>[:<slot>...];<body>
 *     resolve:reject:<promise>[:<slot>...];<body>
 *     gc:dropExport:<object>     gc:retireExport:<object>     gc:retireImport:<object>
 *
 * References take the receiver's point of view: the receiver exported `ro+1`, the sender `ro-1`.
 * Bodies are JSON, so they contain no line breaks. Source: SwingSet's `comms.md` and the observed
 * messages of its comms vats.
 *
 * @import { Data, WireCommand, WireMessage, WireRef } from './types.js'
 */
import { brief } from '../brief.js';

/**
 * Limits of one message, because one delivery executes all of it: characters, and commands plus
 * references. Comms vats stay far below them.
 */
const MAX_LENGTH = 8 * 1024 * 1024;
const MAX_REFERENCES = 10_000;

/**
 * Limits of what one message from here holds, so that the other side takes it, and so that the kernel
 * takes the call that carries it. That call quotes the text, which makes it longer: characters are
 * counted as quoted.
 */
export const MAX_SENT_LENGTH = 7_500_000;
export const MAX_SENT_REFERENCES = MAX_REFERENCES;

/** Of a command's type and one of its references, at most. */
const HEAD_LENGTH = 50;
const REFERENCE_LENGTH = 20;

/** A number has at most 16 digits, which the longest safe integer has: it becomes part of keys. */
const refPattern = /^r[op][+-](?:0|[1-9][0-9]{0,15})$/;
const headPattern = /^([0-9]*):([0-9]*):/;
const gcActions = /** @type {const} */ (['dropExport', 'retireExport', 'retireImport']);

/** @param {WireRef} ref */
export const isObject = ref => ref.startsWith('ro');

/**
 * The reference in the other side's spelling.
 *
 * @param {WireRef} ref
 * @returns {WireRef}
 */
export const flip = ref => `${ref.slice(0, 2)}${ref[2] === '+' ? '-' : '+'}${ref.slice(3)}`;

/**
 * @param {string | undefined} text
 * @returns {WireRef}
 */
const parseRef = text => {
  if (text === undefined || !refPattern.test(text))
    throw Error(`${brief(`${text}`)} is not a reference`);
  return text;
};

/** @param {Data<string>} data */
export const sizeOf = ({ body, slots }) => ({
  length: HEAD_LENGTH + slots.length * REFERENCE_LENGTH + JSON.stringify(body).length,
  references: 1 + slots.length,
});

/**
 * The reason why no message can hold the data, if there is one.
 *
 * @param {Data<string>} data
 */
export const findExcess = data => {
  const { length, references } = sizeOf(data);
  if (length > MAX_SENT_LENGTH)
    return `data of ${length} characters is too long for other machines`;
  return references > MAX_SENT_REFERENCES
    ? `data with ${references} references is too much for other machines`
    : undefined;
};

/**
 * Splits commands into lists of which each fits into a message.
 *
 * @template {{ data: Data<string> }} Command
 * @param {readonly Command[]} commands
 */
export const splitForMessages = commands => {
  /** @type {Command[][]} */
  const lists = [];
  const room = { length: 0, references: 0 };
  for (const command of commands) {
    const { length, references } = sizeOf(command.data);
    const last = lists.at(-1);
    if (last && length <= room.length && references <= room.references) {
      last.push(command);
    } else {
      lists.push([command]);
      Object.assign(room, { length: MAX_SENT_LENGTH, references: MAX_SENT_REFERENCES });
    }
    room.length -= length;
    room.references -= references;
  }
  return lists;
};

/** @param {WireCommand} command */
const formatCommand = command => {
  switch (command.type) {
    case 'deliver': {
      const { target, result = '', methargs } = command;
      return `${['deliver', target, result, ...methargs.slots].join(':')};${methargs.body}`;
    }
    case 'resolve': {
      const { promise, rejected, data } = command;
      const how = rejected ? 'reject' : 'fulfill';
      return `${['resolve', how, promise, ...data.slots].join(':')};${data.body}`;
    }
    case 'gc':
      return `gc:${command.action}:${command.object}`;
    default:
      throw Error(`unknown command ${command}`);
  }
};

/**
 * @param {string} line
 * @returns {WireCommand}
 */
const parseCommand = line => {
  const end = line.indexOf(';');
  const [type, second, third, ...rest] = (end < 0 ? line : line.slice(0, end)).split(':');
  /** @type {() => Data<WireRef>} */
  const getData = () => {
    if (end < 0) throw Error('the body is missing');
    return { body: line.slice(end + 1), slots: rest.map(parseRef) };
  };
  switch (type) {
    case 'deliver':
      return {
        type,
        target: parseRef(second),
        result: third ? parseRef(third) : undefined,
        methargs: getData(),
      };
    case 'resolve':
      if (second !== 'fulfill' && second !== 'reject') break;
      return {
        type,
        promise: parseRef(third),
        rejected: second === 'reject',
        data: getData(),
      };
    case 'gc': {
      const action = gcActions.find(known => known === second);
      if (!action) break;
      return { type, action, object: parseRef(third) };
    }
    default:
  }
  throw Error(`unknown command ${brief(`${type}:${second}`)}`);
};

/** @param {WireMessage} message */
export const formatMessage = ({ seqNum, ackNum, commands }) =>
  `${seqNum ?? ''}:${ackNum}:${commands.map(formatCommand).join('\n')}`;

/**
 * Parses the numbers of a message. They count even if its commands are bad.
 *
 * @param {unknown} text
 */
export const parseHead = text => {
  const head = typeof text === 'string' ? headPattern.exec(text.slice(0, 100)) : null;
  if (!head) throw Error('the message has no sequence and acknowledgement numbers');
  const [all, seqNum, ackNum] = /** @type {[string, string, string]} */ (/** @type {any} */ (head));
  return {
    seqNum: seqNum === '' ? undefined : Number(seqNum),
    ackNum: Number(ackNum),
    rest: /** @type {string} */ (text).slice(all.length),
  };
};

/**
 * @param {string} rest the text after the numbers
 * @returns {WireCommand[]}
 */
export const parseCommands = rest => {
  if (rest.length > MAX_LENGTH) throw Error(`a message of ${rest.length} characters`);
  const lines = rest.split('\n');
  if (lines.length > MAX_REFERENCES) throw Error(`a message of ${lines.length} commands`);
  const commands = lines.map(parseCommand);
  const references = commands.reduce((sum, command) => {
    if (command.type === 'deliver') return sum + 1 + command.methargs.slots.length;
    return sum + 1 + (command.type === 'resolve' ? command.data.slots.length : 0);
  }, 0);
  if (references > MAX_REFERENCES) throw Error(`a message of ${references} references`);
  return commands;
};

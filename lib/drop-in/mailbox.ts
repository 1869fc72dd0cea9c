export { buildMailbox } from '../devices/mailbox/mailbox.js';
export {
  buildMailboxStateMap,
  exportMailbox,
  exportMailboxData,
  importMailbox,
  makeEphemeralMailboxStorage,
} from '../devices/mailbox/mailbox-state.js';
export type {
  ExportedMailbox as MailboxExport,
  PeerMailbox as Mailbox,
} from '../devices/mailbox/mailbox-state.js';

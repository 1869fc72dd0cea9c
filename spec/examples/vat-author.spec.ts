import { describeVats } from './support/vat-author.js';

// The slow one has the other modes.
describeVats('rolling');

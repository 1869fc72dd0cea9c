import { describeVats } from './support/vat-author.js';

describeVats('eager');
describeVats('lazy');
describeVats('rolling');

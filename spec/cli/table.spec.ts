import { expect } from 'chai';
import { formatBytes } from '../../lib/cli/store-reports.js';
import { fitTable, formatTable } from '../../lib/cli/table.js';

describe('tables', () => {
  it('align columns, numbers to the right', () => {
    const rows = [
      ['v1', 7, undefined, { a: 1 }],
      ['v10', 123, 'long words', true],
    ];
    expect(formatTable(['vat', 'n', 'what', 'x'], rows).split('\n')).to.deep.equal([
      'vat    n  what        x',
      '---  ---  ----------  -------',
      'v1     7  -           {"a":1}',
      'v10  123  long words  true',
    ]);
  });

  it('align wide characters and emoji by the cells that they take', () => {
    const rows = [
      ['銀行', 1],
      ['👩‍👩‍👧', 2],
      ['e\u0301', 3],
    ];
    expect(formatTable(['name', 'n'], rows).split('\n')).to.deep.equal([
      'name  n',
      '----  -',
      '銀行  1',
      '👩‍👩‍👧    2',
      'e\u0301     3',
    ]);
  });

  it('show what a terminal would obey', () => {
    const hostile = 'line 1\n\u001b[2Jline 2\u202e';
    expect(
      formatTable(['name'], [[hostile], [{ hostile }]])
        .split('\n')
        .slice(2),
    ).to.deep.equal([
      'line 1\\n\\u001b[2Jline 2\\u202e',
      '{"hostile":"line 1\\n\\u001b[2Jline 2\\u202e"}',
    ]);
  });

  it('can be empty', () => {
    expect(formatTable(['a', 'bc'], [])).to.equal('a  bc\n-  --');
  });

  it('give sizes in readable units', () => {
    expect([0, 1023, 1024, 1536, 5 * 1024 * 1024].map(formatBytes)).to.deep.equal([
      '0 B',
      '1023 B',
      '1.0 KiB',
      '1.5 KiB',
      '5.0 MiB',
    ]);
  });
});

describe('a table that must fit', () => {
  const headings = ['vat', 'n', 'what', 'x'];
  const rows = [
    ['v1', 7, 'words', 'much'],
    ['v10', 123, 'more words', 'less'],
  ];
  const headOf = (width: number | undefined) =>
    fitTable(headings, rows, { width, givesWay: ['x', 'n'] }).split('\n')[0];

  it('leaves out the columns that give way, one by one, and no others', () => {
    expect(headOf(undefined)).to.equal('vat    n  what        x');
    expect(headOf(26)).to.equal('vat    n  what        x');
    expect(headOf(25)).to.equal('vat    n  what');
    expect(headOf(19)).to.equal('vat  what');
    expect(headOf(3)).to.equal('vat  what');
  });
});

/** What several views are made of. Texts of vats are shown as text, with control signs spelt out. */
import type { ComponentChildren, JSX } from 'preact';
import { printable, printableLines } from '../../printable.js';
import type { DataAnswer, Text } from '../answers.js';
import type { Answer } from './live.js';
import { count } from './format.js';

/** A short text that somebody else chose: the name of a vat, a method. */
export const Foreign = ({ text }: { readonly text: string }): JSX.Element => (
  <bdi>{printable(text)}</bdi>
);

/** A long text of somebody else. */
export const Block = ({ text, length }: Text): JSX.Element => (
  <>
    <pre class="block" tabIndex={0}>
      <bdi>{printableLines(text)}</bdi>
    </pre>
    {length > text.length && (
      <p class="note">
        The first {count(text.length)} of {count(length)} characters.
      </p>
    )}
  </>
);

const pathOf = (id: string): string => {
  if (id.startsWith('k')) return `/krefs/${id}`;
  return id.startsWith('v') ? `/vats/${id}` : `/clists/${id}`;
};

/** A link to a kref, a vat or a device. */
export const Ref = ({ id }: { readonly id: string }): JSX.Element => (
  <a class="ref" href={pathOf(id)}>
    {id}
  </a>
);

interface OptionalRef {
  readonly id: string | null;
  readonly name?: string | null;
}

/** The same with its name, or a dash. */
export const MaybeRef = ({ id, name }: OptionalRef): JSX.Element =>
  id === null ? (
    <span class="none">–</span>
  ) : (
    <>
      <Ref id={id} />
      {name != null && (
        <>
          {' '}
          <Foreign text={name} />
        </>
      )}
    </>
  );

export const Refs = ({ ids }: { readonly ids: readonly string[] }): JSX.Element =>
  ids.length === 0 ? (
    <span class="none">–</span>
  ) : (
    <span class="refs">
      {ids.map(id => (
        <Ref key={id} id={id} />
      ))}
    </span>
  );

export const State = ({ state }: { readonly state: string }): JSX.Element => (
  <span class={`state state-${state}`}>{state}</span>
);

/** Marshalled data, and what its body refers to. */
export const Data = ({ data }: { readonly data: DataAnswer }): JSX.Element => (
  <>
    <Block {...data.body} />
    {data.slots.length > 0 && (
      <ol class="slots" start={0}>
        {data.slots.map((slot, index) => (
          <li key={index}>
            <Ref id={slot} />
          </li>
        ))}
      </ol>
    )}
  </>
);

export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** A number, which is aligned at the right. */
  readonly number?: boolean;
}

interface TableProps<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row, index: number) => string;
  /** Shown instead of a table without rows. */
  readonly empty: string;
}

/** On a phone each row is a list of named cells, so its roles are given: a block is no table. */
export const Table = <Row,>({
  caption,
  columns,
  rows,
  keyOf,
  empty,
}: TableProps<Row>): JSX.Element => {
  if (rows.length === 0) return <p class="empty">{empty}</p>;
  return (
    <table role="table">
      <caption>{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map(({ head, number }) => (
            <th key={head} role="columnheader" scope="col" class={number ? 'number' : ''}>
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row, index) => (
          <tr key={keyOf(row, index)} role="row">
            {columns.map(({ head, cell, number }) => (
              <td key={head} role="cell" data-head={head} class={number ? 'number' : ''}>
                <div>{cell(row)}</div>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
};

/** Named values. */
export const Facts = ({
  facts,
}: {
  readonly facts: readonly (readonly [name: string, value: ComponentChildren])[];
}): JSX.Element => (
  <dl class="facts">
    {facts.map(([name, value]) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);

/** Links to the first and the next page. */
export const Pager = ({
  first,
  next,
}: {
  /** Undefined on the first page. */
  readonly first: string | undefined;
  /** Undefined on the last page. */
  readonly next: string | undefined;
}): JSX.Element | null =>
  first === undefined && next === undefined ? null : (
    <nav class="pager" aria-label="Pages">
      {first !== undefined && <a href={first}>First page</a>}
      {next !== undefined && <a href={next}>Next page</a>}
    </nav>
  );

/** What an answer shows, or why it is not there. */
export function Loaded<T>({
  answer,
  children,
}: {
  readonly answer: Answer<T>;
  readonly children: (data: T) => ComponentChildren;
}): JSX.Element {
  const { data, problem } = answer;
  if (data !== undefined) return <>{children(data)}</>;
  if (problem === undefined) return <p class="loading">Reading the store…</p>;
  return (
    <div class="problem" role="alert">
      <p>
        <strong>This can not be shown</strong> ({problem.code})
      </p>
      <p>
        <Foreign text={problem.message} />
      </p>
    </div>
  );
}

/** The heading of a view. It gets the focus when the view is entered. */
export const Title = ({ children }: { readonly children: ComponentChildren }): JSX.Element => (
  <h1 tabIndex={-1} id="title">
    {children}
  </h1>
);

/** Parts of the page. Every value that isn't a part itself is escaped. */
import { HtmlSafeString } from 'escape-html-template-tag';

export type Part = HtmlSafeString;

export const html = (parts: TemplateStringsArray, ...values: readonly unknown[]): Part =>
  new HtmlSafeString(parts, values);

/** The first cell of each row is its heading. */
export const table = (headings: readonly string[], rows: readonly (readonly unknown[])[]): Part =>
  html`<div class="wide">
    <table>
      <thead>
        <tr>
          ${headings.map(heading => html`<th>${heading}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          row =>
            html`<tr>
              ${row.map(cell => html`<td>${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;

export const descriptions = (entries: Readonly<Record<string, unknown>>): Part =>
  html`<dl>
    ${Object.entries(entries).map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${value}</dd>`,
    )}
  </dl>`;

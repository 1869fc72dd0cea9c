/** Style of the rehearsal's page: one column, light and dark, for phones and for paper. */
export const REPORT_STYLE = `
:root { color-scheme: light dark; --line: #d0d4da; --soft: #6b7280; --restarted: #2f7d5b; --failed: #b3261e; --suspended: #b7791f; --exempt: #7a7f87; }
@media (prefers-color-scheme: dark) { :root { --line: #3a3f47; --soft: #9aa1ab; --restarted: #5fbf95; --failed: #ff8a80; --suspended: #e0b45c; } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 0.5rem; } h3 { font-size: 1rem; margin: 0; }
.verdict { font-size: 1.1rem; font-weight: 600; margin: 0.25rem 0 1rem; }
.good { color: var(--restarted); } .bad, .problem { color: var(--failed); }
dl { display: flex; flex-wrap: wrap; gap: 0.5rem 2rem; margin: 0; }
dt { color: var(--soft); font-size: 0.85rem; } dd { margin: 0; overflow-wrap: anywhere; }
article { border: 1px solid var(--line); border-left: 4px solid var(--failed); padding: 0.5rem 0.75rem; margin: 0.5rem 0; }
article.late { border-left-color: var(--suspended); }
article em { color: var(--failed); font-weight: 400; } article p { margin: 0; color: var(--soft); }
ul, .aside { overflow-wrap: anywhere; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0.25rem 0; }
.timeline { list-style: none; margin: 0; padding: 0; }
.timeline li, .axis { display: grid; grid-template-columns: 12rem 1fr 5rem; gap: 0.5rem; align-items: center; }
.label { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.track { position: relative; height: 1.1rem; border-left: 1px solid var(--line); }
.bar { position: absolute; top: 0.15rem; bottom: 0.15rem; min-width: 2px; border-radius: 2px; background: var(--restarted); }
.bar.failed, .bar.terminated { background: var(--failed); } .bar.suspended { background: var(--suspended); } .bar.exempt, .bar.unstarted { background: var(--exempt); }
.took { text-align: right; font-variant-numeric: tabular-nums; }
.axis span span { position: absolute; color: var(--soft); font-size: 0.8rem; white-space: nowrap; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: 0.9rem; }
th, td { text-align: left; padding: 0.2rem 0.6rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--soft); font-weight: 500; } .number { text-align: right; font-variant-numeric: tabular-nums; }
tr.failed td:nth-child(3), tr.terminated td:nth-child(3) { color: var(--failed); font-weight: 600; }
@media (max-width: 40rem) {
  body { margin: 1rem auto; }
  .timeline li, .axis { grid-template-columns: 6rem 1fr 4rem; }
  thead { display: none; }
  table, tbody, tr { display: block; }
  tr { border: 1px solid var(--line); padding: 0.4rem 0.6rem; margin: 0.5rem 0; }
  td, td.number { display: flex; justify-content: space-between; gap: 1rem; padding: 0.1rem 0; border: 0; text-align: right; white-space: normal; overflow-wrap: anywhere; }
  td::before { content: attr(data-heading); color: var(--soft); text-align: left; white-space: nowrap; }
}
@media print {
  :root { color-scheme: light; --line: #b0b4ba; --soft: #444; --restarted: #1d5c41; --failed: #8c1d18; --suspended: #7a5313; }
  @page { size: landscape; margin: 1.2cm; }
  body { font-size: 10pt; max-width: none; margin: 0; padding: 0; }
  h2 { break-after: avoid; } article, tr, .timeline li { break-inside: avoid; }
  thead { display: table-header-group; }
  .bar { print-color-adjust: exact; }
  table { font-size: 8pt; } th, td { white-space: normal; overflow-wrap: anywhere; padding: 0.15rem 0.3rem; }
}
`;

/** Style of the report: one column, light and dark. Colours of the series are told apart by shape too. */
export const STYLE = `
:root { color-scheme: light dark; --line: #d0d4da; --soft: #6b7280; --here: #2563a8; --peer: #b7791f; --limit: #2f7d5b; --bad: #b3261e;
  --s0: #2563a8; --s1: #b7791f; --s2: #2f7d5b; --s3: #8a4fa3; --s4: #b3261e; --s5: #6b7280; }
@media (prefers-color-scheme: dark) { :root { --line: #3a3f47; --soft: #9aa1ab; --here: #6aa9f0; --peer: #e0b45c; --limit: #5fbf95; --bad: #ff8a80;
  --s0: #6aa9f0; --s1: #e0b45c; --s2: #5fbf95; --s3: #c79be0; --s4: #ff8a80; --s5: #9aa1ab; } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.2rem; margin: 2.5rem 0 0.5rem; } h3 { font-size: 1rem; margin: 1.5rem 0 0.25rem; }
p { max-width: 45rem; } .soft { color: var(--soft); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.1rem 1rem; margin: 0.5rem 0; font-size: 0.9rem; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.9rem; }
th, td { text-align: right; padding: 0.2rem 0.6rem; border-bottom: 1px solid var(--line); white-space: nowrap; font-variant-numeric: tabular-nums; }
th:first-child, td:first-child { text-align: left; } th { color: var(--soft); font-weight: 500; }
.met { color: var(--limit); } .missed { color: var(--bad); }
svg { display: block; max-width: 100%; height: auto; font: 12px system-ui, sans-serif; }
svg text { fill: currentColor; } svg .soft { fill: var(--soft); } svg .grid { stroke: var(--line); }
`;

import { Html } from './html.ts';

export const STYLE = new Html(`<style>
  :root { color-scheme: light dark; --line: #d7dbe0; --soft: #f4f6f8; --text: #1d2430; --dim: #667085;
    --page: #fff; --link: #0b62c4; --good: #146c2e; --bad: #b3261e; --warn: #8a5a00; }
  @media (prefers-color-scheme: dark) { :root { --line: #333a45; --soft: #1b2027; --text: #e3e8ef; --dim: #98a2b3;
    --page: #12161b; --link: #7ab7ff; --good: #6fd08c; --bad: #ff8a80; --warn: #f0c060; } }
  * { box-sizing: border-box; }
  body { margin: 0; background: var(--page); color: var(--text); font: 14px/1.45 system-ui, sans-serif; }
  header, main { max-width: 1180px; margin: 0 auto; padding: 0 20px; }
  header { padding-top: 18px; display: flex; flex-wrap: wrap; gap: 4px 20px; align-items: baseline; }
  h1 { font-size: 20px; margin: 0; } h2 { font-size: 15px; margin: 26px 0 8px; }
  a { color: var(--link); text-decoration: none; } a:hover { text-decoration: underline; }
  .dim { color: var(--dim); } .good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); }
  nav a, nav b { margin-right: 12px; }
  table { border-collapse: collapse; width: 100%; }
  .wide { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; }
  th, td { text-align: left; padding: 4px 10px; border-bottom: 1px solid var(--line); vertical-align: top; }
  tr:last-child td { border-bottom: 0; } th { background: var(--soft); font-weight: 600; white-space: nowrap; }
  td.text { max-width: 420px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
  code, pre, .mono { font: 12.5px/1.45 ui-monospace, monospace; }
  pre { background: var(--soft); border: 1px solid var(--line); border-radius: 6px; padding: 12px; overflow: auto; }
  .counts { display: flex; flex-wrap: wrap; gap: 6px; }
  .counts a { border: 1px solid var(--line); border-radius: 6px; padding: 3px 10px; background: var(--soft); }
  .counts b { font-variant-numeric: tabular-nums; color: var(--text); margin-left: 4px; }
  .columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(330px, 1fr)); gap: 0 26px; }
  form { display: inline-flex; gap: 6px; margin: 0 6px 6px 0; }
  form.row { display: flex; align-items: center; } form.row label { min-width: 92px; color: var(--dim); }
  form.row input[type=text] { flex: 1; }
  input[type=text], button { font: inherit; color: inherit; border: 1px solid var(--line); border-radius: 6px;
    padding: 3px 9px; background: var(--page); min-width: 0; }
  button { background: var(--soft); cursor: pointer; } button:hover { border-color: var(--dim); }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 14px; margin: 0; } dt { color: var(--dim); }
  dd { margin: 0; overflow-wrap: anywhere; }
  .quirks { columns: 3 250px; font-size: 13px; } .quirks form { display: flex; break-inside: avoid; margin: 0; }
  .quirks button { border: 0; background: none; padding: 1px 0; text-align: left; }
  .quirks button:hover { text-decoration: underline; }
</style>`);

import type { JsonObject } from '../data/json.ts';
import { formatFaults } from '../faults/rates.ts';
import type { JournalEntry } from '../journal.ts';
import { QUIRKS, type QuirkName } from '../quirks.ts';
import { formatRateLimit } from '../rate-limit.ts';
import type { Simulator } from '../simulator.ts';
import { type Html, html, NOTHING } from './html.ts';
import { recordsTable } from './records.ts';

const LAST = 25;
const NEWEST = 8;

/** What a tenant holds, what it was asked, what goes wrong there, and the buttons. */
export function overview(simulator: Simulator): Html {
  const { url, tenant, clientId, username } = simulator;
  return html`
<p class="dim mono">${url} · tenant ${tenant} · client ${clientId} · user ${username}</p>
<h2>Records</h2>${counts(simulator)}
<h2>Last changed tickets</h2>${recordsTable('Tickets', newestTickets(simulator))}
<div class="columns"><section><h2>Settings</h2>${settings(simulator)}</section>
<section><h2>What it can be told</h2>${buttons(simulator)}</section></div>
<h2>Last requests</h2>${requests(simulator)}
${deliveries(simulator)}
<h2>Quirks <span class="dim">a click switches one</span></h2><div class="quirks">${quirks(simulator)}</div>
<p class="dim">More below <a href="/__simulator">/__simulator</a>.</p>`;
}

function counts(simulator: Simulator): Html {
  const all = simulator.counts().map(({ resource, count, more }) => {
    const number = more ? `${count}+` : String(count);
    return html`<a href="/?show=${encodeURIComponent(resource)}">${resource} <b>${number}</b></a>`;
  });
  return html`<div class="counts">${all}</div>`;
}

function newestTickets(simulator: Simulator): readonly JsonObject[] {
  const newest: JsonObject[] = [];
  // One look at each: sorting a hundred thousand of them would stop the desk.
  for (const ticket of simulator.records('Tickets')) {
    if (newest.length === NEWEST && !isNewer(ticket, newest.at(-1))) continue;
    newest.push(ticket);
    newest.sort((a, b) => (isNewer(a, b) ? -1 : 1));
    if (newest.length > NEWEST) newest.pop();
  }
  return newest;
}

function isNewer(ticket: JsonObject, other: JsonObject | undefined): boolean {
  return String(ticket['last_update'] ?? '') > String(other?.['last_update'] ?? '');
}

function settings(simulator: Simulator): Html {
  const { faults, churned, pageCap, rateLimit } = simulator;
  const { running, ...deeds } = churned;
  const done = Object.entries(deeds)
    .map(([deed, count]) => `${deed} ${count}`)
    .join(', ');
  const rates = formatFaults(faults.rates);
  const planned = faults.planned.map((plan) => html`<div class="warn mono">${JSON.stringify(plan)}</div>`);
  const none = html`<span class="dim">none</span>`;
  return html`<dl>
<dt>faults by chance</dt><dd>${rates === '' ? none : html`<span class="warn mono">${rates}</span>`}</dd>
<dt>faults planned</dt><dd>${planned.length === 0 ? none : planned}</dd>
<dt>page cap</dt><dd>${pageCap}</dd>
<dt>rate limit</dt><dd>${formatRateLimit(rateLimit)}</dd>
<dt>people at work</dt><dd>${running ? html`<span class="good">yes</span>` : html`<span class="dim">no</span>`}
<span class="dim">${done}</span></dd></dl>`;
}

function buttons({ faults, pageCap, rateLimit }: Simulator): Html {
  const rates = formatFaults(faults.rates);
  return html`
${field('faults', 'faults', rates, '429=0.02,500=0.01,slow=0.01')}
${field('page-cap', 'page cap', String(pageCap), '100')}
${field('rate-limit', 'rate limit', formatRateLimit(rateLimit), '500/180s, or off')}
${field('churn', 'people', '{"create":2,"change":5,"act":1}', '')}
${button('faults', 'Fail the next call', '{"fault":"500"}')}
${button('faults', 'Five times 429', '{"fault":"429","times":5}')}
${button('faults', 'No faults', '')}
${button('expire-tokens', 'Expire tokens', '')}
${button('churn', 'Stop people', '{}')}
${button('reset', 'Begin again', '')}`;
}

function field(call: string, label: string, value: string, hint: string): Html {
  return html`<form class="row" method="post" action="/__simulator/${call}"><label for="${call}">${label}</label>
<input type="hidden" name="back" value="/"><input type="text" id="${call}" name="value" value="${value}" placeholder="${hint}">
<button>Set</button></form>`;
}

function button(call: string, label: string, value: string): Html {
  return html`<form method="post" action="/__simulator/${call}"><input type="hidden" name="back" value="/">
<input type="hidden" name="value" value="${value}"><button>${label}</button></form>`;
}

function requests(simulator: Simulator): Html {
  const last = simulator.journal().slice(-LAST).reverse();
  if (last.length === 0) return html`<p class="dim">Nobody has asked anything yet.</p>`;
  return html`<div class="wide"><table><tr><th class="number">#</th><th>time</th><th class="number">status</th>
<th>fault</th><th>method</th><th>path</th><th>query</th><th>body</th></tr>${last.map(requestRow)}</table></div>`;
}

function requestRow({ sequence, time, method, path, query, body, status, fault }: JournalEntry): Html {
  const asked = Object.entries(query).map((pair) => pair.join('='));
  const kind = status < 300 ? 'good' : status < 400 ? 'dim' : 'bad';
  return html`<tr><td class="number dim">${sequence}</td><td class="dim">${time.slice(11, 23)}</td>
<td class="number ${kind}">${status}</td><td class="warn">${fault ?? ''}</td><td>${method}</td>
<td class="text mono">${path}</td><td class="text mono">${asked.join('&')}</td>
<td class="text mono">${body === undefined ? '' : JSON.stringify(body).slice(0, 200)}</td></tr>`;
}

function deliveries(simulator: Simulator): Html {
  const last = simulator.records('WebhookEvent').slice(-NEWEST).reverse();
  if (last.length === 0) return NOTHING;
  return html`<h2>Last webhooks</h2>${recordsTable('WebhookEvent', last)}`;
}

function quirks(simulator: Simulator): readonly Html[] {
  return Object.entries(simulator.quirks).map(([name, on]) => {
    const { about, off } = QUIRKS[name as QuirkName];
    const mark = on ? html`<span class="good">on</span>` : html`<span class="dim">off</span>`;
    const changed = on === QUIRKS[name as QuirkName].on ? NOTHING : html`<span class="warn">changed</span>`;
    return html`<form method="post" action="/__simulator/quirks" title="${on ? about : off}">
<input type="hidden" name="back" value="/"><input type="hidden" name="value" value="${name}=${on ? 'off' : 'on'}">
<button>${name}</button> ${mark} ${changed}</form>`;
  });
}

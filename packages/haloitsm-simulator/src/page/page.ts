import type { Answer } from '../answer.ts';
import type { Query } from '../query.ts';
import type { Simulator } from '../simulator.ts';
import { type Html, html, NOTHING } from './html.ts';
import { overview } from './overview.ts';
import { recordView, resourceView } from './records.ts';
import { STYLE } from './style.ts';

/** Nothing from elsewhere, no script: whatever a record holds is text. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'";

/** The page at `/`: what a tenant holds and was asked, and buttons for what it can be told. */
export function page(simulator: Simulator, tenants: readonly Simulator[], query: Query): Answer {
  const refresh = query.number('refresh');
  const every =
    refresh !== undefined && refresh > 0 ? html`<meta http-equiv="refresh" content="${refresh}">` : NOTHING;
  const body = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${simulator.tenant} · HaloITSM simulator</title>
${every}
${STYLE}
</head>
<body>
<header>
<h1>HaloITSM simulator</h1>
<nav>${tenants.map((tenant) => tenantLink(tenant, simulator))}</nav>
<nav class="dim">${refreshLinks(refresh)}</nav>
</header>
<main>${content(simulator, query)}</main>
</body>
</html>
`;
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': POLICY,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
  return { status: 200, body: body.text, headers };
}

function content(simulator: Simulator, query: Query): Html {
  const [resource, id] = [query.text('show'), query.text('id')];
  if (resource !== undefined && id !== undefined) return recordView(simulator, resource, id);
  return resource === undefined ? overview(simulator) : resourceView(simulator, resource);
}

function tenantLink(tenant: Simulator, current: Simulator): Html {
  if (tenant === current) return html`<b>${tenant.tenant}</b>`;
  return html`<a href="${tenant.url}/">${tenant.tenant}</a>`;
}

function refreshLinks(refresh: number | undefined): Html {
  return refresh === undefined
    ? html`<a href="/">reload</a><a href="/?refresh=2">every 2 s</a>`
    : html`<a href="/">no reload</a><span>every ${refresh} s</span>`;
}

/** The one HTTP client of Millrace, on got. Plugins build theirs with {@link createHttp}. */

export { createHttp } from './create-http.ts';
export { cap, describeBody, failedOutcome } from './failure.ts';
export { exchangeOf, HttpClient, type HttpOptions } from './http-client.ts';
export { type Limit, parseLimit, requestsPerHour } from './limit.ts';
export { pause } from './pause.ts';
export { publishEach } from './publish-each.ts';
export { buildUrl, type HttpRequest, type HttpResponse, type Method } from './request.ts';

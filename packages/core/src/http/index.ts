/** The one HTTP client of Millrace, on got. Plugins build theirs with {@link createHttp}. */

export { createHttp } from './create-http.ts';
export { cap, describeBody, failedOutcome, rejection } from './failure.ts';
export { exchangeOf, HttpClient, type HttpOptions } from './http-client.ts';
export { type Limit, parseLimit, requestsPerHour } from './limit.ts';
export { pause } from './pause.ts';
export { publishEach } from './publish-each.ts';
export { buildUrl, type HttpRequest, type HttpResponse, type Method, type QueryLists } from './request.ts';
export { Concurrency, connectionSettings, LimitOption, Timeout } from './settings.ts';
export { refusalCode, type TokenRequest, TokenSource, type TokenSourceOptions } from './token.ts';
